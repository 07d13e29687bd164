#include "common/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace firstbyte {
namespace {

std::unexpected<Error> refuse(std::string_view what, const std::filesystem::path& path, int code) {
  return fatal(
      fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(code)),
      "--data-dir");
}

std::string holder(int fd) {
  std::array<char, 16> text{};
  const ssize_t size = pread(fd, text.data(), text.size(), 0);
  const std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return pid.empty() ? "unknown" : pid.substr(0, pid.find('\n'));
}

}  // namespace

Expected<> check_writable(const std::filesystem::path& path) {
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) return refuse("use", path, errno);
  if (access(path.c_str(), W_OK) != 0) return refuse("write to", path, errno);
  if ((status.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0)
    return refuse("write to", path, EACCES);
  return {};
}

Expected<FolderLock> FolderLock::take(const std::filesystem::path& folder,
                                      std::string_view program) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return refuse("make the folder", folder, failed.value());
  if (auto writable = check_writable(folder); !writable) {
    return std::unexpected(std::move(writable.error()));
  }

  const std::filesystem::path file = folder / fmt::format("{}.lock", program);
  FolderLock lock(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.fd_ < 0) return refuse("write to", file, errno);
  if (flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return refuse("lock", file, errno);
    return fatal(fmt::format("{} is in use by another {} (pid {})", folder.string(), program,
                             holder(lock.fd_)),
                 "--data-dir");
  }
  // Only for the sentence above: a full disk must not keep anyone from starting.
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(lock.fd_, 0) == 0) (void)!pwrite(lock.fd_, pid.data(), pid.size(), 0);
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace firstbyte
