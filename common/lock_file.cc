#include "common/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace firstbyte {
namespace {

std::string holder_of(int fd) {
  std::array<char, 32> text{};
  const ssize_t length = pread(fd, text.data(), text.size() - 1, 0);
  return length > 0 ? fmt::format(" (pid {})", std::string_view(text.data())) : std::string{};
}

}  // namespace

Expected<LockFile> LockFile::acquire(const std::filesystem::path& folder, const std::string& name,
                                     const std::string& flag) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fatal(fmt::format("cannot create the folder {}: {}", folder.string(), error.message()),
                 flag);
  }
  const std::string path = (folder / name).string();
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return fatal(fmt::format("cannot write {}: {}", path, std::strerror(errno)), flag);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = holder_of(fd);
    close(fd);
    return fatal(fmt::format("{} is in use by another process{}", folder.string(), holder), flag);
  }
  const std::string pid = fmt::format("{}", getpid());
  // Who holds it is a courtesy to whoever finds it locked; the lock itself does not depend on it.
  [[maybe_unused]] const bool told =
      ftruncate(fd, 0) == 0 && pwrite(fd, pid.data(), pid.size(), 0) > 0;
  return LockFile(fd);
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

LockFile::~LockFile() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace firstbyte
