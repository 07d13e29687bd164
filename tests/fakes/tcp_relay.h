// A way to a TCP server that can be cut as cables are: nothing comes through any more, and neither
// side hears of it.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <cstdint>
#include <list>
#include <stop_token>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "tests/fakes/socket.h"

namespace firstbyte::fakes {

// Thread-safe.
class TcpRelay {
 public:
  explicit TcpRelay(int to) : to_(static_cast<std::uint16_t>(to)) {}

  int port() const { return listening_.port(); }

  // The connections that are there carry nothing from now on; new ones do.
  void cut() { set_cut(true); }
  // What was sent meanwhile arrives, as TCP sends it again.
  void mend() { set_cut(false); }
  // Cuts them, and those who dialled learn that theirs are gone; the server does not.
  void drop_clients() {
    MutexLock lock(mutex_);
    for (Pair& pair : pairs_) {
      pair.cut = true;
      pair.client.reset();
    }
  }

 private:
  struct Pair {
    Socket client;
    Socket server;
    bool cut = false;
  };

  void set_cut(bool cut) {
    MutexLock lock(mutex_);
    for (Pair& pair : pairs_) pair.cut = cut;
  }

  static bool is_readable(const Socket& socket) {
    pollfd look{.fd = socket.fd(), .events = POLLIN, .revents = 0};
    return ::poll(&look, 1, 0) > 0;
  }
  // False when one side has ended.
  static bool carry(const Socket& from, const Socket& to) {
    if (!is_readable(from)) return true;
    const std::string bytes = from.receive();
    return !bytes.empty() && to.send(bytes);
  }

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd look{.fd = listening_.fd(), .events = POLLIN, .revents = 0};
      const bool dialled = ::poll(&look, 1, 1) > 0;
      MutexLock lock(mutex_);
      if (dialled) {
        Socket client(::accept4(listening_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
        pairs_.push_back({std::move(client), Socket::connected(to_)});
      }
      std::erase_if(pairs_, [](const Pair& pair) {
        return !pair.cut && !(carry(pair.client, pair.server) && carry(pair.server, pair.client));
      });
    }
  }

  const std::uint16_t to_;
  const Socket listening_ = Socket::listening();
  Mutex mutex_;
  std::list<Pair> pairs_ GUARDED_BY(mutex_);
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

}  // namespace firstbyte::fakes
