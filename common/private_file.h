// Files that hold a secret: readable by their owner alone from their first byte, complete or not
// there.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte {

// Writes beside the file with mode 0600, syncs, and renames: whoever looks sees the old content or
// the new. The Error is kFatal and names "--data-dir".
Expected<> write_private_file(const std::filesystem::path& file, std::string_view content);

// Refuses a file that others than its owner and group may read, or others than its owner may write:
// the secret in it is none, and nobody would notice until it is used. A group may read, since
// secret stores share by it. The Error is kFatal and names `flag`.
Expected<std::string> read_private_file(const std::filesystem::path& file, std::string_view flag);

// The same without a look at who else may.
Expected<std::string> read_public_file(const std::filesystem::path& file, std::string_view flag);

}  // namespace firstbyte
