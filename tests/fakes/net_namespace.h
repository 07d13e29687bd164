// Networks of a test's own, made without privileges.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <system_error>

#include "tests/fakes/socket.h"

namespace firstbyte::fakes {

// An empty network; vanishes when no process and no object is in it.
class NetNamespace {
 public:
  // The calling thread is in it from then on.
  NetNamespace() {
    if (unshare(CLONE_NEWNET) != 0) throw std::system_error(errno, std::generic_category(), "net");
    fd_ = Socket(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }

  // Sockets belong to the network that the thread was in when it made them.
  void enter() const {
    if (setns(fd_.fd(), CLONE_NEWNET) != 0) {
      throw std::system_error(errno, std::generic_category(), "setns");
    }
  }
  // As `ip link … netns` takes it.
  std::string path() const {
    return "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(fd_.fd());
  }

 private:
  Socket fd_;
};

// In the network that the thread is in.
inline void ip(const std::string& arguments) {
  const std::string line = "ip " + arguments;
  if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
}

namespace internal {

inline bool become_mapped_root() {
  const std::string user = "0 " + std::to_string(geteuid()) + " 1";
  const std::string group = "0 " + std::to_string(getegid()) + " 1";
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << user;
  std::ofstream("/proc/self/gid_map") << group;
  return geteuid() == 0;
}

inline constexpr int kFailed = 1;
inline constexpr int kNotAllowed = 77;

// The exit status of the child.
inline int run_as_mapped_root(const std::function<void()>& body) {
  if (!become_mapped_root()) return kNotAllowed;
  try {
    body();
  } catch (const std::exception& error) {
    ADD_FAILURE() << error.what();
  }
  std::fflush(nullptr);
  return testing::Test::HasFailure() ? kFailed : 0;
}

}  // namespace internal

// Runs `body` in a child process that is root of a network of its own and of nothing else; what
// fails in it fails here. False where this machine does not allow that.
inline bool run_in_own_network(const std::function<void()>& body) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) _exit(internal::run_as_mapped_root(body));
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == internal::kNotAllowed) return false;
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "see the failures above";
  return true;
}

inline constexpr const char* kNoNamespaces = "user namespaces are not allowed here (unshare -Urn)";

}  // namespace firstbyte::fakes
