// Keeps a second agent or collector out of a data folder for as long as it lives. The lock is the
// kernel's (flock), so it ends with the process however that dies; the file left behind is only a
// name for it. All errors are kFatal and name "--data-dir".
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "common/error.h"

namespace firstbyte {

class FolderLock {
 public:
  // Makes the folder if there is none. `program` is "agent" or "collector": an agent and a
  // collector may share a folder.
  static Expected<FolderLock> take(const std::filesystem::path& folder, std::string_view program);

  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FolderLock& operator=(FolderLock&&) = delete;

 private:
  explicit FolderLock(int fd) : fd_(fd) {}

  int fd_;
};

// Refuses a file or folder this process cannot write, or that is marked read-only for everyone:
// whoever did that meant it, also when the collector runs as root and could write all the same.
Expected<> check_writable(const std::filesystem::path& path);

}  // namespace firstbyte
