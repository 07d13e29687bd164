// What an agent is told, and says, once it is welcome: checks; results, steps, how it is, what time
// it has.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "collector/checks/check_plan.h"
#include "collector/ingest/agent_session.h"
#include "proto/codec.h"

namespace firstbyte::collector {
namespace {

// Any clock is before this; the difference of two such times cannot overflow.
constexpr std::uint64_t kMaxWallMicros = 1ULL << 60;

WallTime wall_time(std::uint64_t us) { return WallTime{Micros{static_cast<std::int64_t>(us)}}; }

}  // namespace

void AgentSession::assign(const AgentIdentity& identity) {
  if (context_.options.checks == nullptr) return;
  // This may wait for as long as the disk is full, so it keeps neither the session, of which there
  // is another one by then, nor the message, which is made again.
  context_.store.assign(
      identity.id, context_.options.checks->of(identity).checks, context_.clock.wall(),
      [weak = weak_from_this(), identity](const Expected<>& done) {
        if (!done) {
          // The agent goes on with what it has; it is told when it comes back.
          spdlog::error("an agent's checks could not be recorded: {}", done.error().message);
          return;
        }
        const auto self = weak.lock();
        if (!self) return;
        v1::CollectorMessage message;
        *message.mutable_assignment() = encode(self->context_.options.checks->of(identity));
        self->send(std::move(message));
      });
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

void AgentSession::take_results(const IncomingMessage& incoming) {
  ResultBatch batch;
  ResultClock clock;
  {
    MutexLock lock(mutex_);
    if (!admitted_) return;
    batch.agent = *identity_;
    batch.boot = run_.boot;
    clock = clock_filter_.for_results(run_.boot, context_.clock.now());
  }
  batch.received_at = context_.clock.wall();
  if (const Expected<> read = read_results(incoming, clock, batch, context_.stats); !read) {
    refuse(grpc::StatusCode::INVALID_ARGUMENT, read.error().message);
    return;
  }
  {
    MutexLock lock(mutex_);
    ++uncommitted_;
  }
  context_.store.append(std::move(batch),
                        [self = shared_from_this()](Expected<BatchCommit> commit) {
                          self->committed(std::move(commit));
                        });
}

void AgentSession::take_status(const v1::AgentStatus& message) {
  Expected<SpoolStatus> status = decode(message);
  std::string id;
  {
    MutexLock lock(mutex_);
    if (!admitted_ || !status) return;
    spool_ = {*std::move(status), context_.clock.wall()};
    id = identity_->id;
  }
  record_condition(id);
}

void AgentSession::committed(Expected<BatchCommit> commit) {
  if (!commit) {
    // Not acknowledged, so the agent keeps the results and sends them again when it is back.
    // What names nothing that the agent has said is this collector's own trouble, and may pass; so
    // does a batch that follows one which was not stored.
    const bool invalid =
        commit.error().kind == Error::Kind::kInvalid && !commit.error().field.empty();
    refuse(invalid ? grpc::StatusCode::INVALID_ARGUMENT : grpc::StatusCode::UNAVAILABLE,
           fmt::format("results were not stored: {}", commit.error().message));
    return;
  }
  std::string id;
  {
    MutexLock lock(mutex_);
    id = identity_->id;
    for (const ReceivedMeasurement& received : commit->settled) {
      under_way_.erase(received.measurement.test_id);
    }
  }
  for (const ReceivedMeasurement& received : commit->settled) {
    context_.dispatcher.on_settled(id, received);
  }
  v1::CollectorMessage message;
  message.mutable_acknowledgement()->set_sequence(commit->acknowledged);
  send(std::move(message));
  MutexLock lock(mutex_);
  --uncommitted_;
  // While it was not read it could not be heard.
  if (!reading_) heard_ = challenged_ = context_.clock.now();
  read_next();
  if (departing_) write_next();
}

void AgentSession::take_pong(const v1::ClockPong& pong) {
  const WallTime now = context_.clock.wall();
  const bool sane = std::max({pong.collector_sent_us(), pong.agent_received_us(),
                              pong.agent_sent_us()}) < kMaxWallMicros;
  std::shared_ptr<AgentSession> challenger;
  std::optional<ClockStep> step;
  std::string id;
  {
    MutexLock lock(mutex_);
    if (sane) {
      step = clock_filter_.answered(
          {wall_time(pong.collector_sent_us()), wall_time(pong.agent_received_us()),
           wall_time(pong.agent_sent_us()), run_.boot, pong.last_sequence()},
          now, context_.clock.now());
    }
    challenger = std::exchange(challenger_, nullptr);
    id = identity_->id;
  }
  if (step) record_step(id, *step);
  if (challenger) {
    challenger->refuse(grpc::StatusCode::ALREADY_EXISTS,
                       fmt::format("another process is connected as agent \"{}\"; give this one an "
                                   "--id of its own",
                                   id));
  }
}

void AgentSession::record_step(const std::string& id, const ClockStep& step) {
  spdlog::warn(
      "the clock of agent {}, or the collector's, was set: it went {} us against the other, give "
      "or "
      "take {} us",
      id, step.by.count(), step.error.count());
  context_.store.record_clock_step(id, step, [](const Expected<>& done) {
    if (!done)
      spdlog::error("a clock's step could not be recorded at once: {}", done.error().message);
  });
}

void AgentSession::record_condition(const std::string& id) {
  context_.store.record_condition(id, condition(), [](const Expected<>&) {
    // What could not be written the page has from here, while the agent is connected.
  });
}

AgentCondition AgentSession::condition() const {
  const WallTime wall = context_.clock.wall();
  MutexLock lock(mutex_);
  return {spool_, clock_filter_.estimate(context_.clock.now()).transform([&](ClockOffset offset) {
            return AgentCondition::Clock{offset, wall};
          })};
}

}  // namespace firstbyte::collector
