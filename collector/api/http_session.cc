#include "collector/api/http_session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "collector/api/client_address.h"
#include "collector/api/http_wire.h"
#include "collector/api/known_host.h"

// GCC 12 sees Asio's operator new of a coroutine frame inlined and its operator delete not, and
// takes the pair for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace firstbyte::collector {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kReadBytes = 8 * 1024;
// How long, and how much of what was on its way, is read and dropped before a connection is closed.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kLingerBytes = 256 * 1024;

HttpResponse refuse_slowness(const HttpServerOptions& options) {
  return problem(
      408, "request-timeout", "The request took too long to arrive",
      fmt::format("the request was not complete after {} s", options.idle_timeout.count()));
}

void log_failure(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    spdlog::error("http: a connection broke down: {}", error.what());
  } catch (...) {
    spdlog::error("http: a connection broke down");
  }
}

}  // namespace

HttpSession::HttpSession(std::shared_ptr<Connection> connection, bool loopback,
                         const HttpServerOptions& options, const Router& router,
                         asio::thread_pool& pool)
    : options_(options),
      router_(router),
      pool_(pool),
      connection_(std::move(connection)),
      loopback_(loopback),
      bell_(connection_->socket().get_executor()) {}

void HttpSession::start(std::function<void()> ended) {
  asio::co_spawn(bell_.get_executor(), run(),
                 [self = shared_from_this(), ended = std::move(ended)](std::exception_ptr failure) {
                   if (failure) log_failure(failure);
                   self->close();
                   ended();
                 });
}

asio::awaitable<void> HttpSession::run() {
  bool more = co_await open();
  while (more && !draining_) {
    activity_ = Activity::kReading;
    auto incoming = co_await read_request();
    activity_ = Activity::kAnswering;
    if (incoming) {
      more = co_await answer(std::move(*incoming));
      continue;
    }
    more = false;
    if (const Refusal& refusal = incoming.error()) {
      const auto started = steady_clock::now();
      const bool written = co_await write_response(*refusal, true, false);
      if (written) {
        report(unmapped(connection_->peer()), Router::kNoRoute, "OTHER", refusal->status, started);
      }
    }
  }
  if (!draining_) co_await linger();
}

void HttpSession::drain() {
  draining_ = true;
  if (activity_ == Activity::kReading) close();
  if (activity_ == Activity::kStreaming) wake();
}

void HttpSession::close() {
  connection_->close();
  wake();
}

// ---------------------------------------------------------------------------------------- reading

asio::awaitable<bool> HttpSession::open() {
  connection_->start_deadline(options_.handshake_timeout);
  const error_code error = co_await connection_->open();
  connection_->stop_deadline();
  if (error) {
    spdlog::debug("http: {} did not get through: {}", to_string(connection_->peer()),
                  error.message());
  }
  co_return !error;
}

// False when no byte comes: the client is gone, or has been idle for too long.
asio::awaitable<bool> HttpSession::wait_for_bytes() {
  if (buffer_.size() > 0) co_return true;  // the next request came along with the last one
  buffer_.shrink_to_fit();                 // idle connections hold no memory
  connection_->start_deadline(options_.idle_timeout);
  const error_code error = co_await connection_->wait(buffer_);
  connection_->stop_deadline();
  co_return !error;
}

asio::awaitable<std::expected<IncomingRequest, HttpSession::Refusal>> HttpSession::read_request() {
  const bool begun = co_await wait_for_bytes();
  if (!begun) co_return std::unexpected(Refusal{});

  RequestParser parser(options_.max_header_bytes, options_.max_body_bytes);
  connection_->start_deadline(options_.idle_timeout);
  const auto received = co_await receive(parser);
  connection_->stop_deadline();
  if (!received) co_return std::unexpected(received.error());
  auto incoming = parser.release();
  if (!incoming) co_return std::unexpected(Refusal{std::move(incoming.error())});
  if (auto refusal = identify(incoming->request)) co_return std::unexpected(std::move(refusal));
  co_return std::move(*incoming);
}

// Who asks, and whether he asks this collector.
std::optional<HttpResponse> HttpSession::identify(HttpRequest& request) const {
  const IpAddress peer = unmapped(connection_->peer());
  request.client =
      client_address(peer, request.header("x-forwarded-for"), options_.trusted_proxies);
  request.secure = connection_->secure() || (contains(options_.trusted_proxies, peer) &&
                                             request.header("x-forwarded-proto") == "https");
  const std::string_view host = request.header("host");
  const bool asked_for = (!loopback_ && options_.hosts.empty()) || host.empty();
  if (asked_for || is_known_host(host, options_.hosts)) return std::nullopt;
  return problem(421, "unknown-host", "This collector is not that host",
                 "the request's Host is neither an address, nor localhost, nor one that "
                 "--http-host names");
}

asio::awaitable<std::expected<void, HttpSession::Refusal>> HttpSession::receive(
    RequestParser& parser) {
  bool continued = false;
  for (;;) {
    if (buffer_.size() > 0) {
      auto taken = parser.take(buffer_);
      if (!taken) co_return std::unexpected(Refusal{std::move(taken.error())});
      if (parser.complete()) co_return std::expected<void, Refusal>{};
    }
    if (!continued && parser.waits_for_continue()) {
      continued = true;
      const Buffers go_on{asio::buffer(kContinue)};
      co_await connection_->write(go_on);
    }
    const Connection::Moved moved = co_await connection_->read(buffer_.prepare(kReadBytes));
    buffer_.commit(moved.bytes);
    if (moved.error) {
      co_return std::unexpected(connection_->timed_out() ? Refusal{refuse_slowness(options_)}
                                                         : Refusal{});
    }
  }
}

// -------------------------------------------------------------------------------------- answering

// Whether the connection can carry another request.
asio::awaitable<bool> HttpSession::answer(IncomingRequest incoming) {
  const auto started = steady_clock::now();
  const std::string_view route = router_.route(incoming.request.path);
  const std::string_view method = method_label(incoming.request.method);
  const bool with_body = incoming.request.method != "HEAD";
  const IpAddress client = incoming.request.client;

  HttpReply reply = co_await handle(std::move(incoming.request));
  const bool keep_alive = incoming.keep_alive && !draining_;
  if (auto* source = std::get_if<std::unique_ptr<EventSource>>(&reply)) {
    const bool written = co_await write_stream_head(incoming.chunks);
    if (!written) co_return false;
    report(client, route, method, 200, started);
    if (with_body && *source) co_await stream(std::move(*source), incoming.chunks);
    co_return false;
  }
  const HttpResponse& response = std::get<HttpResponse>(reply);
  const bool written = co_await write_response(response, with_body, keep_alive);
  if (written) report(client, route, method, response.status, started);
  co_return written&& keep_alive;
}

// Over to a worker for as long as the handler takes, and back.
asio::awaitable<HttpReply> HttpSession::handle(HttpRequest request) {
  auto start = [this, request = std::move(request)](auto completion) mutable {
    asio::post(
        pool_, [this, request = std::move(request), completion = std::move(completion)]() mutable {
          HttpReply reply = router_.dispatch(std::move(request));
          asio::post(bell_.get_executor(),
                     [reply = std::move(reply), completion = std::move(completion)]() mutable {
                       std::move(completion)(std::move(reply));
                     });
        });
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(HttpReply)>(
      std::move(start), asio::use_awaitable);
}

asio::awaitable<bool> HttpSession::write_response(const HttpResponse& response, bool with_body,
                                                  bool keep_alive) {
  const std::string head = response_head(response, BodyFraming::kLength, keep_alive);
  Buffers buffers{asio::buffer(head)};
  if (with_body) buffers.push_back(asio::buffer(response_body(response)));
  co_return co_await write(buffers);
}

asio::awaitable<bool> HttpSession::write(const Buffers& buffers) {
  connection_->start_deadline(options_.idle_timeout);
  const auto [error, size] = co_await connection_->write(buffers);
  connection_->stop_deadline();
  if (error) spdlog::debug("http: an answer broke off after {} bytes: {}", size, error.message());
  co_return !error;
}

// Closing a socket with unread bytes resets the connection, and the client may then lose the
// answer; so it is first told that no more will come, and what it still sends is dropped.
asio::awaitable<void> HttpSession::linger() {
  activity_ = Activity::kReading;  // nothing here is worth waiting for
  connection_->start_deadline(std::min(options_.idle_timeout, kLinger));
  co_await connection_->end();
  error_code error;
  std::size_t dropped = 0;
  while (!error && !connection_->timed_out() && dropped < kLingerBytes) {
    buffer_.clear();
    const auto [read_error, size] =
        co_await connection_->socket().async_read_some(buffer_.prepare(kReadBytes), kAsTuple);
    error = read_error;
    dropped += size;
  }
  connection_->stop_deadline();
}

void HttpSession::report(const IpAddress& client, std::string_view route, std::string_view method,
                         unsigned status, steady_clock::time_point started) const {
  spdlog::debug("http: {} {} {} {}", to_string(client), method, route, status);
  if (!options_.on_request) return;
  const std::chrono::duration<double> elapsed = steady_clock::now() - started;
  options_.on_request(route, method, status, elapsed.count());
}

}  // namespace firstbyte::collector
