// A file in the data folder that holds a database of ours: found, made or refused.
#pragma once

#include <filesystem>

#include "collector/store/migrations.h"
#include "common/error.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

// "FBYT", in the header of every database file of ours.
inline constexpr int kApplicationId = 0x46425954;

// Opens `file` for writing at the schema of the last of `steps`, making it with mode 0600 if there
// is none. A file that is not surely ours, or newer than this binary, is refused without being
// touched. The Error is kFatal and names "--data-dir". Hold the folder's lock
// (common/folder_lock.h) while calling.
Expected<Database> open_database(const std::filesystem::path& file,
                                 std::span<const Migration> steps = migrations());

// A second connection, for reading only.
Expected<Database> open_for_reading(const std::filesystem::path& file);

}  // namespace firstbyte::collector
