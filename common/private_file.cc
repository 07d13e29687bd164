#include "common/private_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace firstbyte {
namespace {

namespace fs = std::filesystem;

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::unexpected<Error> failed(std::string_view what, const fs::path& file, int code,
                              std::string_view flag) {
  return fatal(
      fmt::format("cannot {} {}: {}", what, file.string(), std::generic_category().message(code)),
      std::string(flag));
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Expected<std::string> read_file(const fs::path& file, std::string_view flag, mode_t forbidden,
                                std::size_t most_bytes) {
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (fd.get() < 0 || ::fstat(fd.get(), &status) != 0) return failed("read", file, errno, flag);
  if ((status.st_mode & forbidden) != 0) {
    return fatal(fmt::format("{} is open to others (mode {:04o}); `chmod 600` it, and think about "
                             "who may have read it",
                             file.string(), status.st_mode & 07777U),
                 std::string(flag));
  }
  std::string content;
  std::array<char, 4096> part{};
  while (true) {
    const ssize_t size = ::read(fd.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed("read", file, errno, flag);
    if (size == 0) return content;
    content.append(part.data(), static_cast<std::size_t>(size));
    if (content.size() > most_bytes) return failed("read", file, EFBIG, flag);
  }
}

}  // namespace

Expected<> write_private_file(const fs::path& file, std::string_view content) {
  constexpr std::string_view kFlag = "--data-dir";
  const fs::path draft = file.string() + ".new";
  ::unlink(draft.c_str());
  {
    const Fd fd(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (fd.get() < 0) return failed("write", draft, errno, kFlag);
    if (!write_all(fd.get(), content) || ::fsync(fd.get()) != 0) {
      const int code = errno;
      ::unlink(draft.c_str());
      return failed("write", draft, code, kFlag);
    }
  }
  if (::rename(draft.c_str(), file.c_str()) != 0) return failed("write", file, errno, kFlag);
  const Fd folder(::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Otherwise the new name may not survive a power cut.
  if (folder.get() >= 0) ::fsync(folder.get());
  return {};
}

Expected<std::string> read_private_file(const fs::path& file, std::string_view flag,
                                        std::size_t most_bytes) {
  return read_file(file, flag, S_IWGRP | S_IROTH | S_IWOTH, most_bytes);
}

Expected<std::string> read_public_file(const fs::path& file, std::string_view flag) {
  return read_file(file, flag, 0, kMostSecretBytes);
}

}  // namespace firstbyte
