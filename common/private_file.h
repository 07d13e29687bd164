// Files that hold a secret: readable by their owner alone from their first byte, complete or not
// there.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte {

inline constexpr std::size_t kMostSecretBytes = 1024 * 1024;

// Writes beside the file with mode 0600, syncs, and renames: whoever looks sees the old content or
// the new. The Error is kFatal and names "--data-dir".
Expected<> write_private_file(const std::filesystem::path& file, std::string_view content);

// Refuses a file that others than its owner and group may read, or others than its owner may write:
// the secret in it is none, and nobody would notice until it is used. A group may read, since
// secret stores share by it. Refuses a file of more than `most_bytes`, too; keys and certificates
// are a few kB. The Error is kFatal and names `flag`.
Expected<std::string> read_private_file(const std::filesystem::path& file, std::string_view flag,
                                        std::size_t most_bytes = kMostSecretBytes);

// The same without a look at who else may, of up to kMostSecretBytes.
Expected<std::string> read_public_file(const std::filesystem::path& file, std::string_view flag);

}  // namespace firstbyte
