// The real binaries as child processes, with what they print.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/collector_wait.h"

namespace firstbyte::fakes {

// Killed with the object, if it still runs. Its output goes to files in the folder, which must
// outlive it. `third`, if given, is what it finds as descriptor 3; `input` as its standard input.
class Process {
 public:
  Process(const std::string& program, std::vector<std::string> arguments,
          const std::filesystem::path& folder, int third = -1, int input = -1) {
    static int count = 0;
    const std::string name = "process-" + std::to_string(++count);
    out_ = folder / (name + ".out");
    err_ = folder / (name + ".err");
    arguments.insert(arguments.begin(), program);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    constexpr int kWrite = O_WRONLY | O_CREAT | O_TRUNC;
    if (input >= 0) {
      posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    } else {
      posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out_.c_str(), kWrite, 0600);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, err_.c_str(), kWrite, 0600);
    if (third >= 0) posix_spawn_file_actions_adddup2(&files, third, 3);
    const int failed = posix_spawn(&pid_, program.c_str(), &files, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&files);
    // Without a process there is no number: signals to -1 would reach everybody.
    if (failed != 0) throw std::system_error(failed, std::generic_category(), program);
  }
  ~Process() {
    if (ended()) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  std::string out() const { return read_text(out_); }
  std::string err() const { return read_text(err_); }
  pid_t pid() const { return pid_; }
  void signal(int number) const { kill(pid_, number); }

  bool ended() {
    if (!status_) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    }
    return status_.has_value();
  }
  // The exit code; -1 when it does not end in time, less the signal's number when one ended it.
  int wait(std::chrono::milliseconds limit = kPatience) {
    if (!eventually([&] { return ended(); }, limit)) return -1;
    return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : -WTERMSIG(*status_);
  }
  // Waits until it has printed this; false when it ended without.
  bool prints(std::string_view text) {
    const auto printed = [&] { return out().find(text) != std::string::npos; };
    eventually([&] { return printed() || ended(); });
    return printed();
  }
  // The number behind the first `label` in its output.
  int number_after(const std::string& label) const {
    const std::string text = out();
    const std::size_t at = text.find(label);
    return at == std::string::npos ? 0 : std::atoi(text.c_str() + at + label.size());
  }

 private:
  std::filesystem::path out_;
  std::filesystem::path err_;
  pid_t pid_ = 0;
  std::optional<int> status_;
};

// What a process says that ends by itself, without success and with one sentence.
inline std::string refusal(Process& process) {
  EXPECT_EQ(process.wait(), 1);
  const std::string text = process.err();
  EXPECT_EQ(std::ranges::count(text, '\n'), 1) << text;
  EXPECT_EQ(process.out(), "");
  return text;
}

}  // namespace firstbyte::fakes
