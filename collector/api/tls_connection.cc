// The one translation unit with Asio's TLS in it: each costs ten seconds and more.

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/ssl/impl/src.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <string>
#include <utility>

#include "collector/api/connection.h"
#include "collector/api/http_wire.h"

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // as in connection.cc

namespace firstbyte::collector {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// A TLS record's, and so the most that is gathered before it is sent.
constexpr std::size_t kMaxRecordBytes = 16 * 1024;
constexpr std::size_t kReadBytes = 8 * 1024;

// The first byte of a connection: a record of the handshake (RFC 8446, 5.1), or a method of HTTP.
constexpr unsigned char kHandshake = 22;
bool begins_a_method(unsigned char byte) { return byte >= 'A' && byte <= 'Z'; }

std::string https_only() {
  const HttpResponse response =
      problem(400, "https-only", "This port speaks HTTPS",
              "the request came without TLS; write https:// instead of http://");
  return response_head(response, BodyFraming::kLength, false) + response.body;
}

class TlsConnection final : public Connection {
 public:
  TlsConnection(tcp::socket socket, std::chrono::milliseconds timeout, SSL_CTX* context)
      : Connection(std::move(socket), timeout), stream_(socket_, SSL_new(context)) {}

  asio::awaitable<error_code> open() override {
    const auto [failure] = co_await socket_.async_wait(asio::socket_base::wait_read, kAsTuple);
    if (failure) co_return failure;
    unsigned char first = kHandshake;
    if (::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
        begins_a_method(first)) {
      const std::string answer = https_only();
      co_await asio::async_write(socket_, asio::buffer(answer), kAsTuple);
      co_return asio::error::no_protocol_option;
    }
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAsTuple);
    established_ = !error;
    co_return error;
  }

  // What a record holds may have been read from the socket before it was asked for.
  asio::awaitable<error_code> wait(boost::beast::flat_buffer& buffer) override {
    const Moved moved = co_await read(buffer.prepare(kReadBytes));
    buffer.commit(moved.bytes);
    co_return moved.error;
  }

  asio::awaitable<Moved> read(asio::mutable_buffer into) override {
    const auto [error, size] = co_await stream_.async_read_some(into, kAsTuple);
    co_return Moved{error, size};
  }

  // Asio makes a record, and a system call, of each buffer.
  asio::awaitable<Moved> write(const Buffers& buffers) override {
    if (buffers.size() < 2 || asio::buffer_size(buffers) > kMaxRecordBytes) {
      const auto [error, size] = co_await asio::async_write(stream_, buffers, kAsTuple);
      co_return Moved{error, size};
    }
    std::string gathered(asio::buffer_size(buffers), '\0');
    asio::buffer_copy(asio::buffer(gathered), buffers);
    const auto [error, size] =
        co_await asio::async_write(stream_, asio::buffer(gathered), kAsTuple);
    co_return Moved{error, size};
  }

  asio::awaitable<void> end() override {
    if (established_ && !ended_) {
      ended_ = true;
      co_await stream_.async_shutdown(kAsTuple);
    }
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  }

  bool secure() const override { return true; }

 private:
  asio::ssl::stream<tcp::socket&> stream_;
  bool established_ = false;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<Connection> tls_connection(tcp::socket socket, std::chrono::milliseconds timeout,
                                           SSL_CTX* context) {
  return std::make_shared<TlsConnection>(std::move(socket), timeout, context);
}

}  // namespace firstbyte::collector
