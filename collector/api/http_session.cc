#include "collector/api/http_session.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <utility>

#include "collector/api/http_wire.h"
#include "collector/api/waker.h"

// GCC 12 sees Asio's operator new of a coroutine frame inlined and its operator delete not, and
// takes the pair for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace firstbyte::collector {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::steady_clock;

// Errors come back as values; nothing is thrown through a coroutine.
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

constexpr std::size_t kReadBytes = 8 * 1024;
// How long, and how much of what was on its way, is read and dropped before a connection is closed.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kLingerBytes = 256 * 1024;

asio::const_buffer bytes(std::string_view text) { return {text.data(), text.size()}; }

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

HttpSession::HttpSession(asio::ip::tcp::socket socket, const HttpServerOptions& options,
                         const Router& router, asio::thread_pool& pool)
    : options_(options),
      router_(router),
      pool_(pool),
      socket_(std::move(socket)),
      deadline_(socket_.get_executor()),
      bell_(socket_.get_executor()) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  // Whoever vanished without a word is noticed when a heartbeat stays without acknowledgement.
  const auto timeout =
      static_cast<unsigned>(std::chrono::milliseconds(options.idle_timeout).count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

void HttpSession::start(std::function<void()> ended) {
  asio::co_spawn(socket_.get_executor(), run(),
                 [self = shared_from_this(), ended = std::move(ended)](std::exception_ptr failure) {
                   if (failure) log_failure(failure);
                   self->close();
                   ended();
                 });
}

asio::awaitable<void> HttpSession::run() {
  bool more = true;
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
      if (written) report(Router::kNoRoute, "OTHER", refusal->status, started);
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
  error_code ignored;
  socket_.close(ignored);
  wake();
}

// ---------------------------------------------------------------------------------------- reading

// False when no byte comes: the client is gone, or has been idle for too long.
asio::awaitable<bool> HttpSession::wait_for_bytes() {
  if (buffer_.size() > 0) co_return true;  // the next request came along with the last one
  buffer_.shrink_to_fit();                 // idle connections hold no memory
  start_deadline(options_.idle_timeout);
  const auto [error] = co_await socket_.async_wait(asio::socket_base::wait_read, kAsTuple);
  stop_deadline();
  co_return !error;
}

asio::awaitable<std::expected<IncomingRequest, HttpSession::Refusal>> HttpSession::read_request() {
  const bool begun = co_await wait_for_bytes();
  if (!begun) co_return std::unexpected(Refusal{});

  RequestParser parser(options_.max_header_bytes, options_.max_body_bytes);
  start_deadline(options_.idle_timeout);
  const auto received = co_await receive(parser);
  stop_deadline();
  if (!received) co_return std::unexpected(received.error());
  auto incoming = parser.release();
  if (!incoming) co_return std::unexpected(Refusal{std::move(incoming.error())});
  co_return std::move(*incoming);
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
      const Buffers go_on{bytes("HTTP/1.1 100 Continue\r\n\r\n")};
      co_await asio::async_write(socket_, go_on, kAsTuple);
    }
    const auto [error, size] =
        co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kAsTuple);
    buffer_.commit(size);
    if (error) {
      co_return std::unexpected(timed_out_ ? Refusal{refuse_slowness(options_)} : Refusal{});
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

  HttpReply reply = co_await handle(std::move(incoming.request));
  const bool keep_alive = incoming.keep_alive && !draining_;
  if (auto* source = std::get_if<std::unique_ptr<EventSource>>(&reply)) {
    const bool written = co_await write_stream_head(incoming.chunks);
    if (!written) co_return false;
    report(route, method, 200, started);
    if (with_body && *source) co_await stream(std::move(*source), incoming.chunks);
    co_return false;
  }
  const HttpResponse& response = std::get<HttpResponse>(reply);
  const bool written = co_await write_response(response, with_body, keep_alive);
  if (written) report(route, method, response.status, started);
  co_return written&& keep_alive;
}

// Over to a worker for as long as the handler takes, and back.
asio::awaitable<HttpReply> HttpSession::handle(HttpRequest request) {
  auto start = [this, request = std::move(request)](auto completion) mutable {
    asio::post(
        pool_, [this, request = std::move(request), completion = std::move(completion)]() mutable {
          HttpReply reply = router_.dispatch(std::move(request));
          asio::post(socket_.get_executor(),
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
  Buffers buffers{bytes(head)};
  if (with_body) buffers.push_back(bytes(response_body(response)));
  co_return co_await write(buffers);
}

asio::awaitable<bool> HttpSession::write(const Buffers& buffers) {
  start_deadline(options_.idle_timeout);
  const auto [error, size] = co_await asio::async_write(socket_, buffers, kAsTuple);
  stop_deadline();
  if (error) spdlog::debug("http: an answer broke off after {} bytes: {}", size, error.message());
  co_return !error;
}

// Closing a socket with unread bytes resets the connection, and the client may then lose the
// answer; so it is first told that no more will come, and what it still sends is dropped.
asio::awaitable<void> HttpSession::linger() {
  activity_ = Activity::kReading;  // nothing here is worth waiting for
  error_code error;
  socket_.shutdown(asio::socket_base::shutdown_send, error);
  start_deadline(std::min(options_.idle_timeout, kLinger));
  std::size_t dropped = 0;
  while (!error && dropped < kLingerBytes) {
    buffer_.clear();
    const auto [read_error, size] =
        co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kAsTuple);
    error = read_error;
    dropped += size;
  }
  stop_deadline();
}

// -------------------------------------------------------------------------------------- streaming

asio::awaitable<bool> HttpSession::write_stream_head(bool chunks) {
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  const std::string head =
      response_head(response, chunks ? BodyFraming::kChunked : BodyFraming::kUntilClose, false);
  const Buffers buffers{bytes(head)};
  co_return co_await write(buffers);
}

asio::awaitable<void> HttpSession::stream(std::unique_ptr<EventSource> source, bool chunks) {
  activity_ = Activity::kStreaming;
  buffer_.clear();
  buffer_.shrink_to_fit();
  const auto waker = std::make_shared<Waker>(socket_.get_executor(), [this] { wake(); });
  struct Mute {
    Waker& waker;
    ~Mute() { waker.mute(); }
  } mute{*waker};
  watch_for_end();
  source->on_ready([waker] { waker->ring(); });
  co_await pump(*source, chunks);
  if (chunks && !peer_gone_) {
    const Buffers end{bytes(kLastChunk)};
    co_await write(end);
  }
}

asio::awaitable<void> HttpSession::pump(EventSource& source, bool chunks) {
  static const auto kHeartbeat = std::make_shared<const std::string>(": keep-alive\n\n");
  bool quiet = false;
  while (!peer_gone_ && !draining_) {
    woken_ = false;
    EventSource::Frames batch = source.take();
    if (quiet && batch.frames.empty()) batch.frames.push_back(kHeartbeat);
    if (!batch.frames.empty()) {
      const bool written = co_await write_frames(batch, chunks);
      if (!written) co_return;
    }
    if (batch.ended) co_return;
    batch = {};  // what it has sent, a waiting viewer does not hold
    quiet = false;
    if (woken_) continue;
    bell_.expires_after(options_.heartbeat);
    const auto [cancelled] = co_await bell_.async_wait(kAsTuple);
    quiet = !cancelled;
  }
}

asio::awaitable<bool> HttpSession::write_frames(const EventSource::Frames& batch, bool chunks) {
  std::size_t size = 0;
  for (const auto& frame : batch.frames) size += frame->size();
  const std::string head = chunk_head(size);
  Buffers buffers;
  buffers.reserve(batch.frames.size() + 2);
  if (chunks) buffers.push_back(bytes(head));
  for (const auto& frame : batch.frames) buffers.push_back(bytes(*frame));
  if (chunks) buffers.push_back(bytes("\r\n"));
  co_return co_await write(buffers);
}

// Reads for as long as the stream lasts, only to notice that the client went away.
void HttpSession::watch_for_end() {
  socket_.async_read_some(asio::buffer(discarded_),
                          [self = shared_from_this()](error_code error, std::size_t) {
                            if (!error) return self->watch_for_end();
                            self->peer_gone_ = true;
                            self->wake();
                          });
}

void HttpSession::wake() {
  woken_ = true;
  bell_.cancel();
}

// ----------------------------------------------------------------------------------------- the
// rest

// One read or write that takes longer ends with an error.
void HttpSession::start_deadline(steady_clock::duration timeout) {
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

void HttpSession::stop_deadline() { deadline_.expires_at(steady_clock::time_point::max()); }

void HttpSession::report(std::string_view route, std::string_view method, unsigned status,
                         steady_clock::time_point started) const {
  if (!options_.on_request) return;
  const std::chrono::duration<double> elapsed = steady_clock::now() - started;
  options_.on_request(route, method, status, elapsed.count());
}

}  // namespace firstbyte::collector
