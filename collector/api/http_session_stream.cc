// The part of a session in which events are streamed.

#include <utility>

#include "collector/api/http_session.h"
#include "collector/api/http_wire.h"
#include "collector/api/waker.h"

#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // as in connection.cc

namespace firstbyte::collector {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kChunkEnd = "\r\n";

}  // namespace

asio::awaitable<bool> HttpSession::write_stream_head(bool chunks) {
  HttpResponse response;
  response.content_type = "text/event-stream";
  response.headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
  const std::string head =
      response_head(response, chunks ? BodyFraming::kChunked : BodyFraming::kUntilClose, false);
  const Buffers buffers{asio::buffer(head)};
  co_return co_await write(buffers);
}

asio::awaitable<void> HttpSession::stream(std::unique_ptr<EventSource> source, bool chunks) {
  activity_ = Activity::kStreaming;
  buffer_.clear();
  buffer_.shrink_to_fit();
  const auto waker = std::make_shared<Waker>(bell_.get_executor(), [this] { wake(); });
  struct Mute {
    Waker& waker;
    ~Mute() { waker.mute(); }
  } mute{*waker};
  // Only to notice that the client went away.
  connection_->watch_for_end([self = shared_from_this()] {
    self->peer_gone_ = true;
    self->wake();
  });
  source->on_ready([waker] { waker->ring(); });
  co_await pump(*source, chunks);
  if (chunks && !peer_gone_) {
    const Buffers end{asio::buffer(kLastChunk)};
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
  if (chunks) buffers.push_back(asio::buffer(head));
  for (const auto& frame : batch.frames) buffers.push_back(asio::buffer(*frame));
  if (chunks) buffers.push_back(asio::buffer(kChunkEnd));
  co_return co_await write(buffers);
}

void HttpSession::wake() {
  woken_ = true;
  bell_.cancel();
}

}  // namespace firstbyte::collector
