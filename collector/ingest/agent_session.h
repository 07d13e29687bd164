// One agent's stream, from its first message to its end.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "collector/access/agent_access.h"
#include "collector/dispatch/agent_registry.h"
#include "collector/dispatch/dispatcher.h"
#include "collector/ingest/agent_gateway.h"
#include "collector/ingest/agent_message.h"
#include "collector/ingest/clock_book.h"
#include "collector/ingest/clock_filter.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "firstbyte/v1/agent.pb.h"

namespace firstbyte::collector {

// What a session needs from around it; everything outlives it.
struct SessionContext {
  const AgentGateway::Options& options;
  Store& store;
  AgentRegistry& agents;
  Dispatcher& dispatcher;
  const Clock& clock;
  IngestStats& stats;
  ClockBook& clocks;
  std::optional<AgentPeer> peer;  // by its certificate; absent without TLS
};

// gRPC calls the reactions from its own threads; the mutex orders them with the callers from
// outside. At most one read and one write are under way, and nothing is started after Finish().
//
// It speaks in bytes: gRPC would end a stream of which it cannot read a message with a status that
// asks the agent to come back, and to send that very message again, for ever.
class AgentSession final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                           public AgentLink,
                           public std::enable_shared_from_this<AgentSession> {
 public:
  AgentSession(grpc::CallbackServerContext& grpc, SessionContext context);

  // Takes hold of itself until gRPC is done with it.
  void begin() EXCLUDES(mutex_);

  // AgentLink
  void order(const ProbeOrder& order) override EXCLUDES(mutex_);
  void cancel(const std::string& test_id) override EXCLUDES(mutex_);
  AgentCondition condition() const override EXCLUDES(mutex_);

  // Pings when it is time to, reads on when there is room again, and gives up on an agent that went
  // silent; its tests under way sooner than its stream.
  void tick() EXCLUDES(mutex_);
  // Ends the stream of an agent that may not be connected any more.
  void check_access() EXCLUDES(mutex_);
  // Another process says hello with this agent's id: this one has to show that it lives, or go.
  // The same process gets on its new stream the orders that may not have come on this one.
  void challenge(std::shared_ptr<AgentSession> challenger) EXCLUDES(mutex_);
  // Whose stream it is: the spool, and the process that has it.
  struct Run {
    std::uint64_t boot = 0;
    std::uint64_t process = 0;
    bool operator==(const Run&) const = default;
  };
  Run run() const EXCLUDES(mutex_);
  // Tells the agent to come back within this time, reads no more, and ends the stream when what it
  // has taken in is committed and acknowledged.
  void depart(std::chrono::milliseconds come_back) EXCLUDES(mutex_);
  // Ends the stream from this side, even if the agent takes nothing any more.
  void abort() EXCLUDES(mutex_);

 private:
  void OnReadDone(bool ok) override EXCLUDES(mutex_);
  void OnWriteDone(bool ok) override EXCLUDES(mutex_);
  void OnCancel() override EXCLUDES(mutex_);
  void OnDone() override EXCLUDES(mutex_);

  // Why the stream ends, as far as tests under way are concerned.
  enum class Farewell {
    kBroken,
    kGoodbye,   // what was under way was delivered before
    kReplaced,  // the same process is here on another stream
  };

  void take(const IncomingMessage& incoming) EXCLUDES(mutex_);
  void take_hello(const v1::Hello& hello) EXCLUDES(mutex_);
  void take_results(const IncomingMessage& incoming) EXCLUDES(mutex_);
  void take_status(const v1::AgentStatus& status) EXCLUDES(mutex_);
  void take_progress(const v1::Progress& progress) EXCLUDES(mutex_);
  void take_pong(const v1::ClockPong& pong) EXCLUDES(mutex_);
  void admit() EXCLUDES(mutex_);
  void welcome() EXCLUDES(mutex_);
  // Tells the agent its checks, once it is on record that it has them.
  void assign(const AgentIdentity& identity);
  void committed(Expected<BatchCommit> commit) EXCLUDES(mutex_);
  void refuse(grpc::StatusCode code, const std::string& why) EXCLUDES(mutex_);
  void leave(Farewell farewell = Farewell::kBroken) EXCLUDES(mutex_);
  void record_condition(const std::string& id) EXCLUDES(mutex_);
  void record_step(const std::string& id, const ClockStep& step);

  // What was ordered here and has not ended; an agent passes over an order that it has already.
  struct Ordered {
    ProbeOrder order;
    MonotonicTime deadline;
  };
  using UnderWay = std::map<std::string, Ordered>;  // by the test's id
  void order(const ProbeOrder& order, MonotonicTime deadline) EXCLUDES(mutex_);
  // This stream has been replaced.
  void hand_over(const UnderWay& orders, const std::string& id,
                 const std::shared_ptr<AgentSession>& successor);
  // Whether nothing comes although a test is under way.
  bool is_quiet_in_test(MonotonicTime now) REQUIRES(mutex_);

  void send(v1::CollectorMessage message) EXCLUDES(mutex_);
  void ping() EXCLUDES(mutex_);
  void read_next() REQUIRES(mutex_);
  // What is here already is no reason to take more while the store writes nothing, or is behind
  // with the results of all agents together.
  bool may_read() const REQUIRES(mutex_);
  void write_next() REQUIRES(mutex_);
  void finish(grpc::Status status) REQUIRES(mutex_);

  grpc::CallbackServerContext& grpc_;
  const SessionContext context_;
  grpc::ByteBuffer incoming_;  // gRPC's between StartRead and OnReadDone

  mutable Mutex mutex_;
  std::shared_ptr<AgentSession> self_ GUARDED_BY(mutex_);
  std::optional<AgentIdentity> identity_ GUARDED_BY(mutex_);  // set by the hello
  std::string version_ GUARDED_BY(mutex_);
  std::vector<std::string> capabilities_ GUARDED_BY(mutex_);
  Run run_ GUARDED_BY(mutex_);
  bool admitted_ GUARDED_BY(mutex_) = false;  // in the registry, or just about to be
  bool welcomed_ GUARDED_BY(mutex_) =
      false;  // until then nothing is written: the welcome comes first

  std::deque<grpc::ByteBuffer> outgoing_ GUARDED_BY(mutex_);  // the front is gRPC's while writing_
  bool reading_ GUARDED_BY(mutex_) = false;                   // until the message is taken
  bool writing_ GUARDED_BY(mutex_) = false;
  bool finished_ GUARDED_BY(mutex_) = false;
  bool done_ GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> ending_ GUARDED_BY(mutex_);  // Finish() waits for the write under way
  MonotonicTime ending_since_ GUARDED_BY(mutex_);
  bool departing_ GUARDED_BY(mutex_) = false;
  int uncommitted_ GUARDED_BY(mutex_) = 0;  // batches on their way to the store

  ClockFilter clock_filter_ GUARDED_BY(mutex_);
  std::optional<AgentCondition::Spool> spool_ GUARDED_BY(mutex_);
  MonotonicTime heard_ GUARDED_BY(mutex_);
  MonotonicTime pinged_ GUARDED_BY(mutex_);
  std::shared_ptr<AgentSession> challenger_ GUARDED_BY(mutex_);
  MonotonicTime challenged_ GUARDED_BY(mutex_);

  UnderWay under_way_ GUARDED_BY(mutex_);
  MonotonicTime watched_ GUARDED_BY(mutex_);  // silence before this is none of a test
  MonotonicTime ticked_ GUARDED_BY(mutex_);
  std::weak_ptr<AgentSession> successor_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::collector
