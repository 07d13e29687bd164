// One process a folder: a lock that the kernel lets go of however the process ends.
#pragma once

#include <filesystem>
#include <string>

#include "common/error.h"

namespace firstbyte {

class LockFile {
 public:
  // Creates `folder` if need be and holds `folder/name`. The Error names `flag` and says who holds it.
  static Expected<LockFile> acquire(const std::filesystem::path& folder, const std::string& name,
                                    const std::string& flag);
  ~LockFile();
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace firstbyte
