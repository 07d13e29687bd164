// One client's connection: reads requests, has them answered, writes the answers, or streams events
// until either side has had enough. All of it on the server's I/O thread, except for the handlers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/api/connection.h"
#include "collector/api/http_server.h"
#include "collector/api/request_parser.h"

namespace firstbyte::collector {

// Owned by its own coroutine. I/O thread only. Options, router and pool outlive it.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  // `loopback`: only this machine can reach the server.
  HttpSession(std::shared_ptr<Connection> connection, bool loopback,
              const HttpServerOptions& options, const Router& router,
              boost::asio::thread_pool& pool);

  // Serves the client until the connection has ended, then calls `ended`.
  void start(std::function<void()> ended);
  // An answer under way is still given, a stream is ended; anything else ends as by close().
  void drain();
  // At once.
  void close();

 private:
  using Buffers = Connection::Buffers;

  // Why there is no request, and what to say about it; absent when there is nobody to say it to.
  using Refusal = std::optional<HttpResponse>;
  enum class Activity { kReading, kAnswering, kStreaming };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<std::expected<IncomingRequest, Refusal>> read_request();
  boost::asio::awaitable<std::expected<void, Refusal>> receive(RequestParser& parser);
  boost::asio::awaitable<bool> wait_for_bytes();
  boost::asio::awaitable<bool> open();
  std::optional<HttpResponse> identify(HttpRequest& request) const;
  boost::asio::awaitable<bool> answer(IncomingRequest incoming);
  boost::asio::awaitable<HttpReply> handle(HttpRequest request);
  boost::asio::awaitable<bool> write_response(const HttpResponse& response, bool with_body,
                                              bool keep_alive);
  boost::asio::awaitable<bool> write_stream_head(bool chunks);
  boost::asio::awaitable<void> stream(std::unique_ptr<EventSource> source, bool chunks);
  boost::asio::awaitable<void> pump(EventSource& source, bool chunks);
  boost::asio::awaitable<bool> write_frames(const EventSource::Frames& batch, bool chunks);
  boost::asio::awaitable<bool> write(const Buffers& buffers);
  boost::asio::awaitable<void> linger();

  void wake();
  void report(const IpAddress& client, std::string_view route, std::string_view method,
              unsigned status, std::chrono::steady_clock::time_point started) const;

  const HttpServerOptions& options_;
  const Router& router_;
  boost::asio::thread_pool& pool_;

  const std::shared_ptr<Connection> connection_;
  const bool loopback_;
  boost::asio::steady_timer bell_;    // what a quiet stream waits for
  boost::beast::flat_buffer buffer_;  // read but not parsed yet

  Activity activity_ = Activity::kReading;
  bool draining_ = false;
  bool peer_gone_ = false;
  bool woken_ = false;
};

}  // namespace firstbyte::collector
