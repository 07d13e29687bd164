// A client's connection, over TLS or not, so that who speaks HTTP over it need not know which.
#pragma once

#include <openssl/types.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "common/ip_address.h"

namespace firstbyte::collector {

// How the server's coroutines await: errors are values.
inline constexpr auto kAsTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

// I/O thread only. Shared with the deadline and with whoever reads to the end of a stream.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Buffers = std::vector<boost::asio::const_buffer>;
  struct Moved {
    boost::system::error_code error;
    std::size_t bytes = 0;
  };

  // Whoever takes longer than `timeout` to acknowledge what was sent is gone.
  Connection(boost::asio::ip::tcp::socket socket, std::chrono::milliseconds timeout);
  virtual ~Connection() = default;

  // What comes before HTTP. After an error whoever is there has been told why it will not work.
  virtual boost::asio::awaitable<boost::system::error_code> open() = 0;
  // Until there is something to read, of which some may be in `buffer` already.
  virtual boost::asio::awaitable<boost::system::error_code> wait(
      boost::beast::flat_buffer& buffer) = 0;
  virtual boost::asio::awaitable<Moved> read(boost::asio::mutable_buffer into) = 0;
  // All of it, or an error.
  virtual boost::asio::awaitable<Moved> write(const Buffers& buffers) = 0;
  // Says that no more will come. What the client still sends can be read from socket().
  virtual boost::asio::awaitable<void> end() = 0;
  virtual bool secure() const = 0;

  // Reads until the connection ends, then calls `ended`.
  void watch_for_end(std::function<void()> ended);

  // A read or a write under way that takes longer ends with an error.
  void start_deadline(std::chrono::steady_clock::duration timeout);
  void stop_deadline();
  bool timed_out() const { return timed_out_; }

  // At once.
  void close();

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  const IpAddress& peer() const { return peer_; }

 protected:
  boost::asio::ip::tcp::socket socket_;

 private:
  boost::asio::awaitable<void> read_to_end(std::function<void()> ended);

  boost::asio::steady_timer deadline_;
  bool timed_out_ = false;
  IpAddress peer_;
};

std::shared_ptr<Connection> plain_connection(boost::asio::ip::tcp::socket socket,
                                             std::chrono::milliseconds timeout);
// With a certificate and its key, for this one connection.
std::shared_ptr<Connection> tls_connection(boost::asio::ip::tcp::socket socket,
                                           std::chrono::milliseconds timeout, SSL_CTX* context);

}  // namespace firstbyte::collector
