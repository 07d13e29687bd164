#include "collector/ingest/agent_session.h"

#include <fmt/format.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <ranges>
#include <utility>

#include "collector/ingest/agent_peer.h"
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
// For the message that is on its way when the stream is to end: the agent may never read it.
constexpr std::chrono::milliseconds kLastWrite{500};
constexpr int kMaxCapabilities = 16;

// Where an agent stands is what it was enrolled with, whatever it says itself.
AgentAccess::Answer<AgentIdentity> enrolled_identity(const SessionContext& context,
                                                     const AgentIdentity& said) {
  const AgentPeer& peer = *context.peer;
  if (said.id != peer.id) {
    return std::unexpected(AgentAccess::Refused{
        AgentAccess::Refusal::kRevoked,
        fmt::format("the certificate is agent \"{}\"'s, and not \"{}\"'s", peer.id, said.id)});
  }
  auto enrolled = context.options.access->admit(peer);
  if (enrolled) enrolled->asn = said.asn;
  return enrolled;
}

grpc::ByteBuffer bytes_of(const v1::CollectorMessage& message) {
  grpc::ByteBuffer bytes;
  bool own = true;
  // It cannot fail: all that is in it is ours.
  (void)grpc::SerializationTraits<v1::CollectorMessage>::Serialize(message, &bytes, &own);
  return bytes;
}

}  // namespace

AgentSession::AgentSession(grpc::CallbackServerContext& grpc, SessionContext context)
    : grpc_(grpc),
      context_(context),
      heard_(context.clock.now()),
      pinged_(context.clock.now()),
      challenged_(context.clock.now()),
      watched_(context.clock.now()),
      ticked_(context.clock.now()) {}

void AgentSession::begin() {
  MutexLock lock(mutex_);
  self_ = shared_from_this();
  read_next();
}

bool AgentSession::may_read() const {
  if (finished_ || ending_ || departing_) return false;
  if (!identity_) return true;  // a hello is no result
  if (context_.store.write_error()) return uncommitted_ == 0;
  return uncommitted_ < kMaxUncommitted && !context_.store.crowded();
}

void AgentSession::read_next() {
  if (reading_ || !may_read()) return;
  reading_ = true;
  StartRead(&incoming_);
}

void AgentSession::write_next() {
  if (writing_ || finished_) return;
  if (ending_) {
    finish(*std::exchange(ending_, std::nullopt));
    return;
  }
  if (departing_ && uncommitted_ == 0 && (!welcomed_ || outgoing_.empty())) {
    finish({grpc::StatusCode::UNAVAILABLE, "the collector stops"});
    return;
  }
  if (!welcomed_ || outgoing_.empty()) return;
  writing_ = true;
  StartWrite(&outgoing_.front());
}

void AgentSession::finish(grpc::Status status) {
  if (finished_) return;
  if (writing_) {
    if (!ending_) {
      ending_ = std::move(status);
      ending_since_ = context_.clock.now();
    }
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
  outgoing_.push_back(bytes_of(message));
  write_next();
}

void AgentSession::depart(std::chrono::milliseconds come_back) {
  v1::CollectorMessage message;
  message.mutable_come_back()->set_within_us(
      static_cast<std::uint64_t>(std::chrono::microseconds(come_back).count()));
  send(std::move(message));
  MutexLock lock(mutex_);
  departing_ = true;
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
  grpc::ByteBuffer bytes;
  {
    MutexLock lock(mutex_);
    if (ok) {
      bytes.Swap(&incoming_);
      heard_ = context_.clock.now();
    }
  }
  if (!ok) {
    leave();
    MutexLock lock(mutex_);
    finish(grpc::Status::OK);
    return;
  }
  const Expected<IncomingMessage> incoming = read_message(bytes);
  if (incoming) {
    take(*incoming);
  } else {
    refuse(grpc::StatusCode::INVALID_ARGUMENT, incoming.error().message);
  }
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

void AgentSession::take(const IncomingMessage& incoming) {
  const v1::AgentMessage& message = incoming.message;
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
      take_results(incoming);
      return;
    case v1::AgentMessage::kClockPong:
      take_pong(message.clock_pong());
      return;
    case v1::AgentMessage::kGoodbye:
      leave(Farewell::kGoodbye);
      return;
    case v1::AgentMessage::kStatus:
      take_status(message.status());
      return;
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
  if (context_.peer) {
    auto enrolled = enrolled_identity(context_, *identity);
    if (!enrolled) {
      const grpc::Status status = status_of(enrolled.error());
      refuse(status.error_code(), status.error_message());
      return;
    }
    identity = *std::move(enrolled);
  }
  {
    MutexLock lock(mutex_);
    if (identity_) {
      finish({grpc::StatusCode::INVALID_ARGUMENT, "an agent says hello once"});
      return;
    }
    identity_ = *std::move(identity);
    version_ = hello.version().substr(0, 64);
    for (const std::string& name : hello.capabilities() | std::views::take(kMaxCapabilities))
      capabilities_.push_back(name.substr(0, 64));
    run_ = {hello.boot(), hello.process()};
  }
  admit();
}

void AgentSession::admit() {
  ConnectedAgent agent;
  {
    MutexLock lock(mutex_);
    if (finished_ || ending_) return;
    agent = {*identity_, version_, context_.clock.wall(), shared_from_this(), capabilities_};
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
  const Run claimant = challenger->run();
  bool same = false;
  bool gives_way = false;
  std::shared_ptr<AgentSession> earlier;
  UnderWay orders;
  std::string id;
  {
    MutexLock lock(mutex_);
    id = identity_->id;
    // The same process, back before its old connection was known to be dead; or this one is
    // leaving.
    same = claimant == run_;
    gives_way = same || !admitted_;
    if (same) {
      orders.swap(under_way_);
      successor_ = challenger;
    }
    if (!gives_way) {
      earlier = std::exchange(challenger_, challenger);
      challenged_ = context_.clock.now();
    }
  }
  if (gives_way) {
    leave(same ? Farewell::kReplaced : Farewell::kBroken);
    abort();
    challenger->admit();
    if (same) hand_over(orders, id, challenger);
    return;
  }
  if (earlier) {
    earlier->refuse(grpc::StatusCode::UNAVAILABLE, "another process claims this agent id as well");
  }
  ping();
}

void AgentSession::refuse(grpc::StatusCode code, const std::string& why) {
  MutexLock lock(mutex_);
  // The store may say only now, to a stream that has ended, that it could not keep what came.
  if (finished_ || ending_) return;
  ++context_.stats.refused;
  spdlog::warn("refused an agent: {}", why);
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
    boot = run_.boot;
  }
  const Expected<std::uint64_t> cursor = context_.store.cursor(identity.id, boot);
  const Expected<std::uint64_t> highest = context_.store.highest_sequence(identity.id, boot);
  if (!cursor || !highest) {
    leave();
    refuse(grpc::StatusCode::UNAVAILABLE, (cursor ? highest : cursor).error().message);
    return;
  }
  spdlog::info("agent {} connected ({}, version {})", identity.id, identity.city, version);
  v1::CollectorMessage message;
  message.mutable_welcome()->set_committed_sequence(*cursor);
  message.mutable_welcome()->set_highest_sequence(std::max(*cursor, *highest));
  {
    MutexLock lock(mutex_);
    if (finished_ || ending_ || !admitted_) return;
    // An order may have come before, since the registry knows this agent already.
    outgoing_.push_front(bytes_of(message));
    welcomed_ = true;
    clock_filter_ = context_.clocks.take(identity.id);
    clock_filter_.resume();
    write_next();
  }
  ping();
  context_.store.record_agent(identity, version, context_.clock.wall(), [](const Expected<>& done) {
    if (!done) spdlog::error("an agent could not be recorded: {}", done.error().message);
  });
  assign(identity);
}

void AgentSession::leave(Farewell farewell) {
  std::string id;
  std::shared_ptr<AgentSession> challenger;
  {
    MutexLock lock(mutex_);
    challenger = std::exchange(challenger_, nullptr);
    if (identity_) id = identity_->id;
    // Before the welcome the book still has what is known; and before this one has left, since the
    // next stream takes it from there.
    if (std::exchange(admitted_, false) && welcomed_) context_.clocks.keep(id, clock_filter_);
  }
  if (!id.empty() && context_.agents.leave(id, this)) {
    spdlog::info("agent {} disconnected", id);
    record_condition(id);
    if (farewell != Farewell::kReplaced) {
      context_.dispatcher.on_agent_lost(id, farewell == Farewell::kGoodbye
                                                ? Dispatcher::Loss::kGoodbye
                                                : Dispatcher::Loss::kConnection);
    }
  }
  if (challenger) challenger->admit();
}

void AgentSession::ping() {
  const WallTime wall = context_.clock.wall();
  {
    MutexLock lock(mutex_);
    pinged_ = context_.clock.now();
    clock_filter_.sent(wall, pinged_);
  }
  v1::CollectorMessage message;
  message.mutable_clock_ping()->set_collector_sent_us(
      static_cast<std::uint64_t>(wall.time_since_epoch().count()));
  send(std::move(message));
}

void AgentSession::tick() {
  const MonotonicTime now = context_.clock.now();
  bool silent = false;
  bool quiet = false;
  bool due = false;
  std::string id;
  {
    MutexLock lock(mutex_);
    // Cut off, it learns why when it comes back.
    if (ending_ && !done_ && now - ending_since_ >= kLastWrite) grpc_.TryCancel();
    // No commit of its own says so when others have made room.
    if (self_ && !reading_ && may_read()) {
      heard_ = challenged_ = now;  // while it was not read it could not be heard
      read_next();
    }
    quiet = is_quiet_in_test(now);
    if (quiet) id = identity_->id;
    silent = reading_ && (now - heard_ > context_.options.silence_limit ||
                          (challenger_ && now - challenged_ > context_.options.challenge_limit));
    due = admitted_ && (now - pinged_ >= context_.options.ping_interval ||
                        (!under_way_.empty() &&
                         now - std::max(pinged_, heard_) >= context_.options.test_ping_interval));
  }
  if (silent) {
    leave();
    abort();
    return;
  }
  if (quiet) context_.dispatcher.on_agent_lost(id, Dispatcher::Loss::kConnection);
  if (due) ping();
}

void AgentSession::check_access() {
  if (!context_.peer) return;
  const auto admitted = context_.options.access->admit(*context_.peer);
  if (admitted || admitted.error().why == AgentAccess::Refusal::kNotNow) return;
  {
    MutexLock lock(mutex_);
    if (finished_ || ending_) return;
  }
  leave();  // from here on nothing of it is taken, even if it does not read that it was sent away
  const grpc::Status status = status_of(admitted.error());
  refuse(status.error_code(), status.error_message());
}

AgentSession::Run AgentSession::run() const {
  MutexLock lock(mutex_);
  return run_;
}

}  // namespace firstbyte::collector
