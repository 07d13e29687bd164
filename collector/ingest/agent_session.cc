#include "collector/ingest/agent_session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "proto/codec.h"

namespace firstbyte::collector {
namespace {

// Batches of one agent on their way to the store; past this its stream is not read, so that
// HTTP/2's flow control makes the agent wait instead of this collector's memory. One to commit
// while the next is decoded: more would take in nothing faster, but live results wait behind them
// (./dev bench replay).
constexpr int kMaxUncommitted = 2;
// Messages that wait for an agent to read; one that is this far behind is as good as lost.
constexpr std::size_t kMaxOutgoing = 1024;
// Any clock is before this; the difference of two such times cannot overflow.
constexpr std::uint64_t kMaxWallMicros = 1ULL << 60;

WallTime wall_time(std::uint64_t us) { return WallTime{Micros{static_cast<std::int64_t>(us)}}; }

// A result that breaks the protocol's bounds is no reason to lose that there was one.
Measurement rejected(const v1::Measurement& message, const Error& why, WallTime now) {
  Measurement measurement;
  measurement.test_id = message.test_id().substr(0, 64);
  measurement.url = message.url().substr(0, 2048);
  measurement.measured_at = now;
  measurement.failure = Failure{std::nullopt, Origin::kAgent, Cause::kInternal,
                                fmt::format("the agent's result was not valid: {}", why.message)};
  return measurement;
}

}  // namespace

AgentSession::AgentSession(grpc::CallbackServerContext& grpc, SessionContext context)
    : grpc_(grpc),
      context_(context),
      heard_(context.clock.now()),
      pinged_(context.clock.now()),
      challenged_(context.clock.now()) {}

void AgentSession::begin() {
  MutexLock lock(mutex_);
  self_ = shared_from_this();
  read_next();
}

void AgentSession::read_next() {
  if (reading_ || finished_ || ending_ || uncommitted_ >= kMaxUncommitted) return;
  reading_ = true;
  StartRead(&incoming_);
}

void AgentSession::write_next() {
  if (writing_ || finished_) return;
  if (ending_) {
    finish(*std::exchange(ending_, std::nullopt));
    return;
  }
  if (!welcomed_ || outgoing_.empty()) return;
  writing_ = true;
  StartWrite(&outgoing_.front());
}

void AgentSession::finish(grpc::Status status) {
  if (finished_) return;
  if (writing_) {
    if (!ending_) ending_ = std::move(status);
    return;
  }
  finished_ = true;
  Finish(status);
}

void AgentSession::send(v1::CollectorMessage message) {
  MutexLock lock(mutex_);
  if (finished_ || ending_) return;
  if (outgoing_.size() >= kMaxOutgoing) {
    grpc_.TryCancel();
    return;
  }
  outgoing_.push_back(std::move(message));
  write_next();
}

void AgentSession::abort() {
  MutexLock lock(mutex_);
  // gRPC's context is gone once the stream is done.
  if (!done_) grpc_.TryCancel();
}

void AgentSession::OnCancel() {
  leave();
  MutexLock lock(mutex_);
  finish(grpc::Status::CANCELLED);
}

void AgentSession::OnReadDone(bool ok) {
  v1::AgentMessage message;
  {
    MutexLock lock(mutex_);
    if (ok) {
      message.Swap(&incoming_);
      heard_ = context_.clock.now();
    }
  }
  if (!ok) {
    leave();
    MutexLock lock(mutex_);
    finish(grpc::Status::OK);
    return;
  }
  take(std::move(message));
  // Not before: a commit also reads on, and the next results must not overtake these on their way
  // to the store, which would take these for repeated ones then.
  MutexLock lock(mutex_);
  reading_ = false;
  read_next();
}

void AgentSession::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  writing_ = false;
  outgoing_.pop_front();
  if (!ok) outgoing_.clear();
  write_next();
}

void AgentSession::OnDone() {
  leave();
  std::shared_ptr<AgentSession> self;
  MutexLock lock(mutex_);
  done_ = true;
  self.swap(self_);
}

void AgentSession::take(v1::AgentMessage message) {
  {
    MutexLock lock(mutex_);
    if (!identity_ && message.body_case() != v1::AgentMessage::kHello) {
      finish({grpc::StatusCode::INVALID_ARGUMENT, "the first message must be a hello"});
      return;
    }
  }
  switch (message.body_case()) {
    case v1::AgentMessage::kHello:
      take_hello(message.hello());
      return;
    case v1::AgentMessage::kProgress:
      take_progress(message.progress());
      return;
    case v1::AgentMessage::kResults:
      take_results(message.results());
      return;
    case v1::AgentMessage::kClockPong:
      take_pong(message.clock_pong());
      return;
    case v1::AgentMessage::kGoodbye:
      leave();
      return;
    case v1::AgentMessage::kStatus:
    case v1::AgentMessage::BODY_NOT_SET:
      return;  // a newer agent's message; this collector goes on without it
  }
}

void AgentSession::take_hello(const v1::Hello& hello) {
  Expected<AgentIdentity> identity = decode(hello.identity());
  if (!identity) {
    refuse(grpc::StatusCode::INVALID_ARGUMENT,
           fmt::format("the agent's hello is not valid: {}", identity.error().message));
    return;
  }
  {
    MutexLock lock(mutex_);
    if (identity_) {
      finish({grpc::StatusCode::INVALID_ARGUMENT, "an agent says hello once"});
      return;
    }
    identity_ = *std::move(identity);
    version_ = hello.version().substr(0, 64);
    boot_ = hello.boot();
  }
  admit();
}

void AgentSession::admit() {
  ConnectedAgent agent;
  {
    MutexLock lock(mutex_);
    if (finished_ || ending_) return;
    agent = {*identity_, version_, context_.clock.wall(), shared_from_this()};
    admitted_ = true;
  }
  const std::string id = agent.identity.id;
  if (context_.agents.join(std::move(agent))) {
    bool ended = false;
    {
      MutexLock lock(mutex_);
      ended = finished_ || ending_;
    }
    // It may have ended meanwhile, and then its last leave() may have come before the join.
    if (ended) {
      leave();
    } else {
      welcome();
    }
    return;
  }
  {
    MutexLock lock(mutex_);
    admitted_ = false;
  }
  const auto present = context_.agents.find(id);
  const auto other = present ? std::dynamic_pointer_cast<AgentSession>(present->link) : nullptr;
  if (other) {
    other->challenge(shared_from_this());
  } else {
    admit();  // it left between the two looks
  }
}

void AgentSession::challenge(std::shared_ptr<AgentSession> challenger) {
  const std::uint64_t claimant = challenger->boot();
  bool gives_way = false;
  std::shared_ptr<AgentSession> earlier;
  {
    MutexLock lock(mutex_);
    // The same process, back before its old connection was known to be dead; or this one is
    // leaving.
    gives_way = claimant == boot_ || !admitted_;
    if (!gives_way) {
      earlier = std::exchange(challenger_, challenger);
      challenged_ = context_.clock.now();
    }
  }
  if (gives_way) {
    leave();
    abort();
    challenger->admit();
    return;
  }
  if (earlier) {
    earlier->refuse(grpc::StatusCode::UNAVAILABLE, "another process claims this agent id as well");
  }
  ping();
}

void AgentSession::refuse(grpc::StatusCode code, const std::string& why) {
  ++context_.stats.refused;
  spdlog::warn("refused an agent: {}", why);
  MutexLock lock(mutex_);
  finish({code, why});
}

void AgentSession::welcome() {
  AgentIdentity identity;
  std::string version;
  std::uint64_t boot = 0;
  {
    MutexLock lock(mutex_);
    identity = *identity_;
    version = version_;
    boot = boot_;
  }
  const Expected<std::uint64_t> cursor = context_.store.cursor(identity.id, boot);
  if (!cursor) {
    leave();
    refuse(grpc::StatusCode::UNAVAILABLE, cursor.error().message);
    return;
  }
  spdlog::info("agent {} connected ({}, version {})", identity.id, identity.city, version);
  v1::CollectorMessage message;
  message.mutable_welcome()->set_committed_sequence(*cursor);
  {
    MutexLock lock(mutex_);
    if (finished_ || ending_) return;
    // An order may have come before, since the registry knows this agent already.
    outgoing_.push_front(std::move(message));
    welcomed_ = true;
    write_next();
  }
  ping();
  context_.store.record_agent(identity, version, context_.clock.wall(), [](const Expected<>& done) {
    if (!done) spdlog::error("an agent could not be recorded: {}", done.error().message);
  });
}

void AgentSession::leave() {
  std::string id;
  std::shared_ptr<AgentSession> challenger;
  {
    MutexLock lock(mutex_);
    challenger = std::exchange(challenger_, nullptr);
    if (identity_) id = identity_->id;
    admitted_ = false;
  }
  if (!id.empty() && context_.agents.leave(id, this)) {
    spdlog::info("agent {} disconnected", id);
    context_.dispatcher.on_agent_lost(id);
  }
  if (challenger) challenger->admit();
}

void AgentSession::take_progress(const v1::Progress& progress) {
  const Expected<Phase> phase = decode(progress.phase());
  std::string id;
  {
    MutexLock lock(mutex_);
    if (!admitted_ || !phase || progress.elapsed_us() > 86'400'000'000ULL) return;
    id = identity_->id;
  }
  context_.dispatcher.on_progress(id, progress.test_id(), *phase,
                                  Micros{static_cast<std::int64_t>(progress.elapsed_us())});
}

void AgentSession::take_results(const v1::ResultBatch& batch) {
  ResultBatch results;
  std::optional<ClockOffset> offset;
  {
    MutexLock lock(mutex_);
    if (!admitted_) return;
    results.agent = *identity_;
    results.boot = boot_;
    offset = clock_filter_.estimate();
    ++uncommitted_;
  }
  const WallTime now = context_.clock.wall();
  results.results.reserve(static_cast<std::size_t>(batch.results_size()));
  for (const v1::SequencedResult& result : batch.results()) {
    ++context_.stats.results;
    Expected<Measurement> measurement = decode(result.measurement());
    if (!measurement) {
      ++context_.stats.rejected;
      spdlog::warn("agent {} sent a result that is not valid: {}", results.agent.id,
                   measurement.error().message);
      measurement = rejected(result.measurement(), measurement.error(), now);
    }
    results.results.push_back({result.sequence(), {*std::move(measurement), now, offset}});
  }
  context_.store.append(std::move(results),
                        [self = shared_from_this()](Expected<BatchCommit> commit) {
                          self->committed(std::move(commit));
                        });
}

void AgentSession::committed(Expected<BatchCommit> commit) {
  if (!commit) {
    // Not acknowledged, so the agent keeps the results and sends them again when it is back.
    const bool invalid = commit.error().kind == Error::Kind::kInvalid;
    refuse(invalid ? grpc::StatusCode::INVALID_ARGUMENT : grpc::StatusCode::UNAVAILABLE,
           fmt::format("results were not stored: {}", commit.error().message));
    return;
  }
  std::string id;
  {
    MutexLock lock(mutex_);
    id = identity_->id;
  }
  for (const ReceivedMeasurement& received : commit->settled) {
    context_.dispatcher.on_settled(id, received);
  }
  v1::CollectorMessage message;
  message.mutable_acknowledgement()->set_sequence(commit->acknowledged);
  send(std::move(message));
  MutexLock lock(mutex_);
  // While it was not read it could not be heard.
  if (uncommitted_-- == kMaxUncommitted) heard_ = challenged_ = context_.clock.now();
  read_next();
}

void AgentSession::take_pong(const v1::ClockPong& pong) {
  const WallTime now = context_.clock.wall();
  const bool sane = std::max({pong.collector_sent_us(), pong.agent_received_us(),
                              pong.agent_sent_us()}) < kMaxWallMicros;
  std::shared_ptr<AgentSession> challenger;
  std::string id;
  {
    MutexLock lock(mutex_);
    if (sane) {
      clock_filter_.add({wall_time(pong.collector_sent_us()), wall_time(pong.agent_received_us()),
                         wall_time(pong.agent_sent_us()), now});
    }
    challenger = std::exchange(challenger_, nullptr);
    id = identity_->id;
  }
  if (challenger) {
    challenger->refuse(grpc::StatusCode::ALREADY_EXISTS,
                       fmt::format("another process is connected as agent \"{}\"; give this one an "
                                   "--id of its own",
                                   id));
  }
}

void AgentSession::ping() {
  {
    MutexLock lock(mutex_);
    pinged_ = context_.clock.now();
  }
  v1::CollectorMessage message;
  message.mutable_clock_ping()->set_collector_sent_us(
      static_cast<std::uint64_t>(context_.clock.wall().time_since_epoch().count()));
  send(std::move(message));
}

void AgentSession::tick() {
  const MonotonicTime now = context_.clock.now();
  bool silent = false;
  bool due = false;
  {
    MutexLock lock(mutex_);
    const bool listening = uncommitted_ < kMaxUncommitted;
    silent = listening && (now - heard_ > context_.options.silence_limit ||
                           (challenger_ && now - challenged_ > context_.options.challenge_limit));
    due = admitted_ && now - pinged_ >= context_.options.ping_interval;
  }
  if (silent) {
    leave();
    abort();
  } else if (due) {
    ping();
  }
}

void AgentSession::order(const ProbeOrder& order) {
  v1::CollectorMessage message;
  *message.mutable_order() = encode(order);
  send(std::move(message));
}

void AgentSession::cancel(const std::string& test_id) {
  v1::CollectorMessage message;
  message.mutable_cancel()->set_test_id(test_id);
  send(std::move(message));
}

std::optional<ClockOffset> AgentSession::clock_offset() const {
  MutexLock lock(mutex_);
  return clock_filter_.estimate();
}

std::uint64_t AgentSession::boot() const {
  MutexLock lock(mutex_);
  return boot_;
}

}  // namespace firstbyte::collector
