// An agent's end of the stream as agent/stream speaks it, less the probing: what it has is sent in
// batches, at most a window of it unacknowledged, and an order is answered at once with a result,
// which goes behind all that waits already. Thread-safe.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "common/measurement.h"
#include "common/mutex.h"
#include "firstbyte/v1/agent.grpc.pb.h"

namespace firstbyte::bench {

struct SendingPace {
  std::size_t batch = 50;  // results in a message
  std::uint64_t window =
      200;  // results on their way without an acknowledgement, before the next message
};

class SimulatedAgent final
    : public grpc::ClientBidiReactor<v1::AgentMessage, v1::CollectorMessage> {
 public:
  // Has `backlog` results to send. `on_drained` is called once, from one of gRPC's threads, when
  // everything is acknowledged for the first time. `pace` and the collector outlive this.
  SimulatedAgent(const std::string& collector, AgentIdentity identity, std::size_t backlog,
                 const SendingPace& pace, std::function<void()> on_drained);
  // Hangs up.
  ~SimulatedAgent() override;

  void start() EXCLUDES(mutex_);
  // Of a stream that ended by itself, why.
  std::string failure() const EXCLUDES(mutex_);

 private:
  void OnReadDone(bool ok) override EXCLUDES(mutex_);
  void OnWriteDone(bool ok) override EXCLUDES(mutex_);
  void OnDone(const grpc::Status& status) override EXCLUDES(mutex_);

  void take_order(const std::string& test_id) REQUIRES(mutex_);
  void take_ping(std::uint64_t sent_us) REQUIRES(mutex_);
  // True when this drained it.
  bool acknowledge(std::uint64_t sequence) REQUIRES(mutex_);
  void write_next() REQUIRES(mutex_);

  const AgentIdentity identity_;
  const SendingPace& pace_;
  const std::function<void()> on_drained_;
  std::unique_ptr<v1::AgentGateway::Stub> stub_;
  grpc::ClientContext context_;
  v1::CollectorMessage incoming_;

  mutable Mutex mutex_;
  CondVar ended_;
  std::deque<v1::AgentMessage> urgent_ GUARDED_BY(mutex_);
  std::deque<v1::AgentMessage> results_ GUARDED_BY(mutex_);  // by rising sequence
  v1::AgentMessage outgoing_ GUARDED_BY(mutex_);             // gRPC's while writing_
  std::uint64_t last_ GUARDED_BY(mutex_) = 0;                // the last sequence there is
  std::uint64_t sent_ GUARDED_BY(mutex_) = 0;
  std::uint64_t acknowledged_ GUARDED_BY(mutex_) = 0;
  bool started_ GUARDED_BY(mutex_) = false;
  bool writing_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = true;
  bool welcome_ GUARDED_BY(mutex_) = false;
  bool drained_ GUARDED_BY(mutex_) = false;
  bool done_ GUARDED_BY(mutex_) = false;
  std::string failure_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::bench
