#include "agent/stream/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

constexpr std::size_t kBatch = 50;
// So much of them in one message; a result that is larger by itself goes alone.
constexpr std::size_t kBatchBytes = 1024 * 1024;
// A message of more than 8 MiB ends the stream at the collector's side, this time and the next.
constexpr std::size_t kMaxResultBytes = 7 * 1024 * 1024;
// Results on their way without an acknowledgement; more would only wait in the collector's memory.
constexpr std::uint64_t kWindow = 4 * kBatch;
// Steps that wait to be told; five a probe, so this is a burst of a dozen probes.
constexpr std::size_t kMaxProgress = 64;

std::uint64_t wall_us(const Clock& clock) {
  return static_cast<std::uint64_t>(clock.wall().time_since_epoch().count());
}

}  // namespace

CollectorStream::Session::Session(v1::AgentGateway::StubInterface& stub,
                                  const StreamOptions& options, const StreamHandlers& handlers,
                                  Spool& spool, const Clock& clock)
    : stub_(stub), options_(options), handlers_(handlers), spool_(spool), clock_(clock) {}

void CollectorStream::Session::start() {
  v1::AgentMessage message;
  v1::Hello* hello = message.mutable_hello();
  *hello->mutable_identity() = encode(options_.identity);
  hello->set_version(options_.version);
  hello->set_boot(options_.boot);
  for (const std::string& capability : options_.capabilities) hello->add_capabilities(capability);

  stub_.async()->Connect(&context_, this);
  // Writes come from outside the reactions too; the hold keeps OnDone away until reading has ended.
  AddHold();
  StartRead(&incoming_);
  {
    MutexLock lock(mutex_);
    closed_ = false;
    urgent_.push_back(std::move(message));
    write_next();
  }
  StartCall();
}

grpc::Status CollectorStream::Session::wait() {
  MutexLock lock(mutex_);
  while (!status_) ended_.wait(mutex_);
  return *status_;
}

void CollectorStream::Session::cancel() { context_.TryCancel(); }

bool CollectorStream::Session::was_welcome() const {
  MutexLock lock(mutex_);
  return welcome_;
}

void CollectorStream::Session::OnReadDone(bool ok) {
  if (ok) {
    take(incoming_);
    StartRead(&incoming_);
    return;
  }
  {
    MutexLock lock(mutex_);
    closed_ = true;
  }
  RemoveHold();
}

void CollectorStream::Session::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  writing_ = false;
  if (!ok) closed_ = true;
  write_next();
}

void CollectorStream::Session::OnDone(const grpc::Status& status) {
  MutexLock lock(mutex_);
  closed_ = true;
  status_ = status;
  ended_.notify_all();
}

void CollectorStream::Session::take(const v1::CollectorMessage& message) {
  switch (message.body_case()) {
    case v1::CollectorMessage::kWelcome: {
      {
        MutexLock lock(mutex_);
        welcome_ = true;
        sent_ = acknowledged_ = message.welcome().committed_sequence();
        write_next();
      }
      spool_.acknowledge(message.welcome().committed_sequence());
      handlers_.on_connected();
      return;
    }
    case v1::CollectorMessage::kOrder:
      take_order(message.order());
      return;
    case v1::CollectorMessage::kCancel:
      handlers_.on_cancel(message.cancel().test_id());
      return;
    case v1::CollectorMessage::kAcknowledgement: {
      spool_.acknowledge(message.acknowledgement().sequence());
      MutexLock lock(mutex_);
      acknowledged_ = std::max(acknowledged_, message.acknowledgement().sequence());
      write_next();
      return;
    }
    case v1::CollectorMessage::kClockPing:
      take_ping(message.clock_ping());
      return;
    case v1::CollectorMessage::kComeBack:
    case v1::CollectorMessage::BODY_NOT_SET:
      return;  // a newer collector's message; the agent goes on without it
  }
}

void CollectorStream::Session::take_order(const v1::ProbeOrder& message) {
  Expected<ProbeOrder> order = decode(message);
  if (!order) {
    spdlog::warn("the collector sent an order that makes no sense: {}", order.error().message);
    return;
  }
  handlers_.on_order(*std::move(order));
}

void CollectorStream::Session::take_ping(const v1::ClockPing& ping) {
  const std::uint64_t received = wall_us(clock_);
  v1::AgentMessage message;
  v1::ClockPong* pong = message.mutable_clock_pong();
  pong->set_collector_sent_us(ping.collector_sent_us());
  pong->set_agent_received_us(received);
  pong->set_agent_sent_us(wall_us(clock_));
  write(std::move(message));
}

void CollectorStream::Session::report_progress(const std::string& test_id, Phase phase,
                                               Micros elapsed) {
  v1::AgentMessage message;
  v1::Progress* progress = message.mutable_progress();
  progress->set_test_id(test_id);
  progress->set_phase(encode(phase));
  progress->set_elapsed_us(static_cast<std::uint64_t>(elapsed.count()));
  MutexLock lock(mutex_);
  if (!welcome_ || progress_.size() >= kMaxProgress) return;
  progress_.push_back(std::move(message));
  write_next();
}

void CollectorStream::Session::results_waiting() {
  MutexLock lock(mutex_);
  write_next();
}

void CollectorStream::Session::say_goodbye() {
  MutexLock lock(mutex_);
  leaving_ = true;
  write_next();
}

void CollectorStream::Session::write(v1::AgentMessage message) {
  MutexLock lock(mutex_);
  urgent_.push_back(std::move(message));
  write_next();
}

void CollectorStream::Session::write_next() {
  if (writing_ || closed_) return;
  if (fill_next()) {
    writing_ = true;
    StartWrite(&outgoing_);
    return;
  }
  if (!leaving_) return;
  // Before the welcome nothing was sent yet of what is spooled.
  const bool delivered = welcome_ ? acknowledged_ >= sent_ : spool_.depth() == 0;
  if (delivered) {
    closed_ = true;
    outgoing_.Clear();
    outgoing_.mutable_goodbye();
    StartWriteLast(&outgoing_, grpc::WriteOptions());
  }
}

bool CollectorStream::Session::fill_next() {
  for (auto* queue : {&urgent_, &progress_}) {
    if (queue->empty()) continue;
    outgoing_ = std::move(queue->front());
    queue->pop_front();
    return true;
  }
  return fill_results();
}

bool CollectorStream::Session::fill_results() {
  if (!welcome_ || sent_ >= acknowledged_ + kWindow) return false;
  outgoing_.Clear();
  auto& batch = *outgoing_.mutable_results()->mutable_results();
  std::size_t bytes = 0;
  // One after the other: a copy of fifty large ones would cost more than what they are sent in.
  while (batch.size() < static_cast<int>(kBatch)) {
    const std::vector<SpooledResult> next = spool_.after(sent_, 1);
    if (next.empty()) break;
    v1::SequencedResult result;
    result.set_sequence(next.front().sequence);
    *result.mutable_measurement() = encode(next.front().measurement);
    if (result.ByteSizeLong() > kMaxResultBytes) {
      spdlog::warn("a result of {} bytes goes without its samples: the collector takes up to {}",
                   result.ByteSizeLong(), kMaxResultBytes);
      result.mutable_measurement()->clear_samples();
    }
    bytes += result.ByteSizeLong();
    if (!batch.empty() && bytes > kBatchBytes) break;
    *batch.Add() = std::move(result);
    sent_ = next.front().sequence;
  }
  return !batch.empty();
}

}  // namespace firstbyte::agent
