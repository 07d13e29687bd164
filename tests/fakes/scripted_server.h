// A TCP server that does to each connection exactly what a test tells it to, good manners or not.
#pragma once

#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "tests/fakes/socket.h"

namespace firstbyte::fakes {

class ScriptedServer {
 public:
  // One connection, for its script alone; only the server's end comes from elsewhere.
  class Connection {
   public:
    explicit Connection(Socket socket) : socket_(std::move(socket)) {}

    const Socket& socket() const { return socket_; }
    void close() {
      const std::lock_guard lock(mutex_);
      socket_.close();
    }
    void reset() {
      const std::lock_guard lock(mutex_);
      socket_.reset();
    }
    void shut_down() {
      const std::lock_guard lock(mutex_);
      socket_.shut_down();
    }
    bool send(std::string_view bytes) const { return socket_.send(bytes); }

    // Reads up to the blank line that ends a request's head; what was read.
    std::string read_request() const {
      std::string request;
      while (request.find("\r\n\r\n") == std::string::npos) {
        const std::string more = socket_.receive();
        if (more.empty()) break;
        request += more;
      }
      return request;
    }

    // Until the other side closes, or the server ends.
    void wait_for_end() const {
      while (!socket_.receive().empty()) {
      }
    }

    // Returns early, and false, when the other side closes or the server ends.
    bool pause(std::chrono::milliseconds time) const {
      pollfd ended{.fd = socket_.fd(), .events = POLLRDHUP, .revents = 0};
      return ::poll(&ended, 1, static_cast<int>(time.count())) == 0;
    }

   private:
    std::mutex mutex_;  // of whether socket_ is open
    Socket socket_;
  };

  using Script = std::function<void(Connection&)>;

  // The connection is closed when `script` returns. Each has a thread of its own.
  explicit ScriptedServer(Script script, Socket listener = Socket::listening())
      : script_(std::move(script)),
        listener_(std::move(listener)),
        acceptor_([this] { accept_all(); }) {}

  ~ScriptedServer() {
    listener_.shut_down();
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (auto& session : sessions_) session.connection.shut_down();
    }
    for (auto& session : sessions_) session.thread.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::uint16_t port() const { return listener_.port(); }
  std::size_t connections() const {
    const std::lock_guard lock(mutex_);
    return sessions_.size();
  }

 private:
  struct Session {
    explicit Session(Socket socket) : connection(std::move(socket)) {}
    Connection connection;
    std::thread thread;
  };

  void accept_all() {
    while (true) {
      Socket accepted(::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC));
      if (accepted.fd() < 0) return;
      const std::lock_guard lock(mutex_);
      Session& session = sessions_.emplace_back(std::move(accepted));
      session.thread = std::thread([this, &session] {
        script_(session.connection);
        session.connection.close();
      });
    }
  }

  const Script script_;
  const Socket listener_;
  mutable std::mutex mutex_;
  std::list<Session> sessions_;
  std::thread acceptor_;
};

// An answer of HTTP/1.1, with its Content-Length.
inline std::string http_answer(std::string_view status, std::string_view headers,
                               std::string_view body) {
  std::string answer = "HTTP/1.1 ";
  answer.append(status).append("\r\n").append(headers);
  answer.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return answer.append(body);
}

}  // namespace firstbyte::fakes
