// A UNIX socket at which lines are answered, for a few clients at a time. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "common/error.h"
#include "lab/wire/event_loop.h"

namespace firstbyte::wire {

// No client can hold up the loop: each gets one line answered at a time, nothing here waits, and
// whoever sends a line without an end or does not read its answers is hung up on.
class ControlServer {
 public:
  static constexpr std::size_t kLongestLine = 64 * 1024;
  static constexpr std::size_t kMostClients = 16;

  using Answer = std::function<std::string(std::string_view line)>;

  // Takes the place of a socket that was left at `path`; removed with the object. The loop must
  // outlive it.
  static Expected<std::unique_ptr<ControlServer>> open(std::string path, EventLoop& loop,
                                                       Answer answer);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  struct Client {
    Fd socket;
    std::string begun;  // a line that has not ended
  };

  ControlServer(std::string path, Fd listener, EventLoop& loop, Answer answer);
  void accept_client();
  void serve(int fd);
  // False when the client is to be hung up on.
  bool serve_line(Client& client);
  bool answer_line(Client& client);

  const std::string path_;
  const Fd listener_;
  EventLoop& loop_;
  const Answer answer_;
  std::map<int, Client> clients_;
  std::string read_;  // what is being looked at; kept for its memory
};

}  // namespace firstbyte::wire
