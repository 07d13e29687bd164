#include "collector/api/connection.h"

#include <netinet/tcp.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <utility>

// GCC 12 sees Asio's operator new of a coroutine frame inlined and its operator delete not, and
// takes the pair for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace firstbyte::collector {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::steady_clock;

class PlainConnection final : public Connection {
 public:
  using Connection::Connection;

  asio::awaitable<error_code> open() override { co_return error_code(); }

  asio::awaitable<error_code> wait(boost::beast::flat_buffer& /*buffer*/) override {
    const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, kAsTuple);
    co_return error;
  }

  asio::awaitable<Moved> read(asio::mutable_buffer into) override {
    const auto [error, size] = co_await socket_.async_read_some(into, kAsTuple);
    co_return Moved{error, size};
  }

  asio::awaitable<Moved> write(const Buffers& buffers) override {
    const auto [error, size] = co_await asio::async_write(socket_, buffers, kAsTuple);
    co_return Moved{error, size};
  }

  asio::awaitable<void> end() override {
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    co_return;
  }

  bool secure() const override { return false; }
};

IpAddress address_of_peer(const tcp::socket& socket) {
  error_code gone;
  const tcp::endpoint peer = socket.remote_endpoint(gone);
  return address_of(peer.data()).value_or(IpAddress{});
}

}  // namespace

Connection::Connection(tcp::socket socket, std::chrono::milliseconds timeout)
    : socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      peer_(address_of_peer(socket_)) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  const auto user_timeout = static_cast<unsigned>(timeout.count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout,
               sizeof user_timeout);
}

void Connection::watch_for_end(std::function<void()> ended) {
  asio::co_spawn(socket_.get_executor(), read_to_end(std::move(ended)), asio::detached);
}

asio::awaitable<void> Connection::read_to_end(std::function<void()> ended) {
  const auto self = shared_from_this();
  std::array<char, 64> dropped;
  for (;;) {
    const Moved moved = co_await read(asio::buffer(dropped));
    if (moved.error) break;
  }
  ended();
}

void Connection::start_deadline(steady_clock::duration timeout) {
  timed_out_ = false;
  deadline_.expires_after(timeout);
  deadline_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    // A call that was already due when the deadline was moved comes without an error.
    if (error || !self || self->deadline_.expiry() > steady_clock::now()) return;
    self->timed_out_ = true;
    error_code ignored;
    self->socket_.cancel(ignored);
  });
}

void Connection::stop_deadline() { deadline_.expires_at(steady_clock::time_point::max()); }

void Connection::close() {
  error_code ignored;
  socket_.close(ignored);
}

std::shared_ptr<Connection> plain_connection(tcp::socket socket,
                                             std::chrono::milliseconds timeout) {
  return std::make_shared<PlainConnection>(std::move(socket), timeout);
}

}  // namespace firstbyte::collector
