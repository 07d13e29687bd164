#include "agent/stream/session.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "agent/stream/result_batch.h"
#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

// Steps that wait to be told; five a probe, so this is a burst of a dozen probes.
constexpr std::size_t kMaxProgress = 64;
// Pongs and reports that wait for a collector that does not read.
constexpr std::size_t kMaxUrgent = 64;
// No collector is away on purpose for longer.
constexpr std::uint64_t kMaxComeBackUs = 600'000'000;

std::uint64_t wall_us(const Clock& clock) {
  return static_cast<std::uint64_t>(clock.wall().time_since_epoch().count());
}

}  // namespace

CollectorStream::Session::Session(v1::AgentGateway::StubInterface& stub,
                                  const StreamOptions& options, const StreamHandlers& handlers,
                                  SqliteSpool& spool, const Clock& clock)
    : stub_(stub),
      options_(options),
      handlers_(handlers),
      spool_(spool),
      clock_(clock),
      boot_(spool.boot()) {}

void CollectorStream::Session::start() {
  v1::AgentMessage message;
  v1::Hello* hello = message.mutable_hello();
  *hello->mutable_identity() = encode(options_.identity);
  hello->set_version(options_.version);
  hello->set_boot(boot_);
  hello->set_process(options_.process);
  for (const std::string& capability : options_.capabilities) hello->add_capabilities(capability);

  stub_.async()->Connect(&context_, this);
  // Writes come from outside the reactions too; the hold keeps OnDone away until reading has ended.
  AddHold();
  StartRead(&incoming_);
  {
    MutexLock lock(mutex_);
    status_due_ = MonotonicTime(std::chrono::steady_clock::now() + options_.status_interval);
    closed_ = false;
    urgent_.push_back(std::move(message));
    write_next();
  }
  StartCall();
}

grpc::Status CollectorStream::Session::run() {
  start();
  while (true) {
    hand_on_assignment();
    {
      MutexLock lock(mutex_);
      while (!status_ && !look_ && std::chrono::steady_clock::now() < status_due_) {
        changed_.wait_until(mutex_, status_due_);
      }
      if (status_) return *status_;
      look_ = false;
      // The spool got another name, and all that was said here was of the one before.
      if (spool_.boot() != boot_) context_.TryCancel();
      report_status();
      write_next();
    }
    read_ahead();
    read_results();
  }
}

void CollectorStream::Session::cancel() { context_.TryCancel(); }

bool CollectorStream::Session::was_welcome() const {
  MutexLock lock(mutex_);
  return welcome_;
}

auto CollectorStream::Session::come_back() const -> std::optional<ComeBack> {
  MutexLock lock(mutex_);
  return come_back_;
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
  if (wants_results() || wants_ahead()) wake();
}

void CollectorStream::Session::OnDone(const grpc::Status& status) {
  MutexLock lock(mutex_);
  closed_ = true;
  status_ = status;
  wake();
}

void CollectorStream::Session::take(const v1::CollectorMessage& message) {
  switch (message.body_case()) {
    case v1::CollectorMessage::kWelcome:
      take_welcome(message.welcome());
      return;
    case v1::CollectorMessage::kOrder:
      take_order(message.order());
      return;
    case v1::CollectorMessage::kCancel:
      handlers_.on_cancel(message.cancel().test_id());
      return;
    case v1::CollectorMessage::kAcknowledgement:
      take_acknowledgement(message.acknowledgement().sequence());
      return;
    case v1::CollectorMessage::kClockPing:
      take_ping(message.clock_ping());
      return;
    case v1::CollectorMessage::kComeBack: {
      MutexLock lock(mutex_);
      const std::uint64_t within = std::min(message.come_back().within_us(), kMaxComeBackUs);
      come_back_ = {Micros{static_cast<std::int64_t>(within)}, clock_.now()};
      return;
    }
    case v1::CollectorMessage::kAssignment:
      take_assignment(message.assignment());
      return;
    case v1::CollectorMessage::BODY_NOT_SET:
      return;  // a newer collector's message; the agent goes on without it
  }
}

void CollectorStream::Session::take_welcome(const v1::Welcome& welcome) {
  const std::uint64_t committed = welcome.committed_sequence();
  // What came before its turn is stored, too, far beyond what is committed.
  const std::uint64_t highest = std::max(committed, welcome.highest_sequence());
  // What it has numbered since it was opened cannot be what the collector has.
  if (const std::uint64_t last = spool_.may_have_left(boot_); highest > last) {
    spdlog::warn(
        "the collector has {} results of this spool, of which {} can have left: an older copy "
        "of it was put back, so it goes on as another one",
        highest, last);
    spool_.renew(boot_, committed);
    return;
  }
  {
    MutexLock lock(mutex_);
    if (welcome_) return;
    welcome_ = true;
    in_flight_ = InFlight(committed);
    status_due_ = {};
    wake();
  }
  spool_.acknowledge(boot_, committed);
  handlers_.on_connected();
}

void CollectorStream::Session::take_acknowledgement(std::uint64_t sequence) {
  MutexLock lock(mutex_);
  if (!in_flight_.acknowledge(sequence)) {
    spdlog::warn("the collector acknowledged {}, and {} is the last that it was sent", sequence,
                 in_flight_.sent());
    return;
  }
  spool_.acknowledge(boot_, sequence);
  wake();
}

void CollectorStream::Session::take_order(const v1::ProbeOrder& message) {
  Expected<ProbeOrder> order = decode(message);
  if (!order) {
    spdlog::warn("the collector sent an order that makes no sense: {}", order.error().message);
    return;
  }
  handlers_.on_order(*std::move(order));
}

void CollectorStream::Session::take_assignment(const v1::Assignment& message) {
  Expected<Assignment> assignment = decode(message);
  if (!assignment) {
    spdlog::warn("the collector's assignment makes no sense, the one before stays: {}",
                 assignment.error().message);
    return;
  }
  MutexLock lock(mutex_);
  assignment_ = *std::move(assignment);
  wake();
}

void CollectorStream::Session::hand_on_assignment() {
  std::optional<Assignment> assignment;
  {
    MutexLock lock(mutex_);
    assignment.swap(assignment_);
  }
  if (assignment && handlers_.on_assignment) handlers_.on_assignment(*std::move(assignment));
}

void CollectorStream::Session::take_ping(const v1::ClockPing& ping) {
  const std::uint64_t received = wall_us(clock_);
  v1::AgentMessage message;
  v1::ClockPong* pong = message.mutable_clock_pong();
  pong->set_collector_sent_us(ping.collector_sent_us());
  pong->set_agent_received_us(received);
  pong->set_last_sequence(spool_.last_measured(boot_));
  pong->set_agent_sent_us(wall_us(clock_));
  write(std::move(message));
}

void CollectorStream::Session::report_progress(const std::string& test_id, Phase phase,
                                               Micros elapsed) {
  MutexLock lock(mutex_);
  if (!welcome_ || progress_.size() >= kMaxProgress) return;
  progress_.push_back({test_id, phase, elapsed});
  wake();
}

void CollectorStream::Session::look_again() {
  MutexLock lock(mutex_);
  wake();
}

void CollectorStream::Session::say_goodbye() {
  MutexLock lock(mutex_);
  leaving_ = true;
  wake();
}

void CollectorStream::Session::wake() {
  look_ = true;
  changed_.notify_all();
}

void CollectorStream::Session::write(v1::AgentMessage message) {
  MutexLock lock(mutex_);
  if (urgent_.size() >= kMaxUrgent) return;
  urgent_.push_back(std::move(message));
  write_next();
}

void CollectorStream::Session::write_next() {
  if (writing_ || closed_) return;
  if (fill_next()) {
    writing_ = true;
    StartWrite(&outgoing_);
  } else if (leaving_ && spool_.is_empty()) {
    closed_ = true;
    outgoing_.Clear();
    outgoing_.mutable_goodbye();
    StartWriteLast(&outgoing_, grpc::WriteOptions());
  }
}

bool CollectorStream::Session::fill_next() {
  if (!urgent_.empty()) {
    outgoing_ = std::move(urgent_.front());
    urgent_.pop_front();
  } else if (!progress_.empty()) {
    const Step& step = progress_.front();
    outgoing_.Clear();
    v1::Progress* progress = outgoing_.mutable_progress();
    progress->set_test_id(step.test_id);
    progress->set_phase(encode(step.phase));
    progress->set_elapsed_us(static_cast<std::uint64_t>(step.elapsed.count()));
    progress_.pop_front();
  } else if (ahead_) {
    outgoing_ = *std::move(ahead_);
    ahead_.reset();
  } else if (results_) {
    outgoing_ = *std::move(results_);
    results_.reset();
  } else {
    return false;
  }
  return true;
}

void CollectorStream::Session::report_status() {
  SpoolStatus status = spool_.status();
  const auto now = std::chrono::steady_clock::now();
  if (now < status_due_ && (!welcome_ || status.error == told_error_)) return;
  status_due_ = now + options_.status_interval;
  if (!welcome_ || closed_ || urgent_.size() >= kMaxUrgent) return;
  v1::AgentMessage message;
  *message.mutable_status() = encode(status);
  told_error_ = std::move(status.error);
  urgent_.push_back(std::move(message));
}

bool CollectorStream::Session::wants_results() const {
  return welcome_ && !closed_ && !results_ && in_flight_.is_open() &&
         spool_.last_sequence(boot_) > in_flight_.sent();
}

std::uint64_t CollectorStream::Session::within_reach() const {
  return std::max(in_flight_.sent() + (in_flight_.is_open() ? kMostInBatch : 0), sent_ahead_);
}

bool CollectorStream::Session::wants_ahead() const {
  return welcome_ && !closed_ && !ahead_ && spool_.has_ordered(boot_, within_reach());
}

void CollectorStream::Session::read_ahead() {
  std::uint64_t after = 0;
  {
    MutexLock lock(mutex_);
    if (!wants_ahead()) return;
    after = within_reach();
  }
  std::optional<ResultBatch> batch =
      firstbyte::agent::read_ahead(spool_, boot_, after, clock_.wall());
  if (!batch) return;
  MutexLock lock(mutex_);
  sent_ahead_ = batch->last;
  ahead_ = std::move(batch->message);
  write_next();
}

void CollectorStream::Session::read_results() {
  std::uint64_t sent = 0;
  {
    MutexLock lock(mutex_);
    if (!wants_results()) return;
    sent = in_flight_.sent();
  }
  std::optional<ResultBatch> batch = read_batch(spool_, boot_, sent, clock_.wall());
  if (!batch) return;
  const std::size_t bytes = batch->message.ByteSizeLong();
  MutexLock lock(mutex_);
  in_flight_.sent(batch->last, bytes);
  results_ = std::move(batch->message);
  wake();
}

}  // namespace firstbyte::agent
