// Networks of a test's own, made without privileges.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
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

// Runs `body` in a process of its own that `unshare` starts with these flags; what fails in it
// fails here. False where this machine does not allow that. The process is this binary again with
// the one test that calls this: a fork would be a copy of one thread among others' locks.
inline bool run_unshared(const std::string& flags, const std::function<void()>& body) {
  constexpr const char* kInside = "FIRSTBYTE_TEST_UNSHARED";
  if (std::getenv(kInside) != nullptr) {
    body();
    return true;
  }
  const std::string unshare = "unshare " + flags + " ";
  if (std::system((unshare + "true 2>/dev/null").c_str()) != 0) return false;
  const testing::TestInfo& test = *testing::UnitTest::GetInstance()->current_test_info();
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string line = std::string(kInside) + "=1 " + unshare + "'" + self +
                           "' --gtest_filter='" + test.test_suite_name() + "." + test.name() + "'";
  EXPECT_EQ(std::system(line.c_str()), 0) << "see the failures above";
  return true;
}

// As root of a network of its own and of nothing else.
inline bool run_in_own_network(const std::function<void()>& body) {
  return run_unshared("-rn", body);
}

inline constexpr const char* kNoNamespaces = "user namespaces are not allowed here (unshare -r)";

}  // namespace firstbyte::fakes
