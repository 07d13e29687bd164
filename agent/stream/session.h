// One connection to the collector, from dialling to its end.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <deque>
#include <memory>

#include "agent/stream/collector_stream.h"
#include "firstbyte/v1/agent.grpc.pb.h"

namespace firstbyte::agent {

// gRPC calls the reactions from its own threads, one at a time for each kind; the mutex orders them
// with the callers from outside. At most one read and one write are under way.
class CollectorStream::Session final
    : public grpc::ClientBidiReactor<v1::AgentMessage, v1::CollectorMessage> {
 public:
  Session(v1::AgentGateway::StubInterface& stub, const StreamOptions& options,
          const StreamHandlers& handlers, Spool& spool, const Clock& clock);

  void start();
  // Blocks until the stream has ended; the status says why.
  grpc::Status wait() EXCLUDES(mutex_);
  void cancel();

  void report_progress(const std::string& test_id, Phase phase, Micros elapsed) EXCLUDES(mutex_);
  void results_waiting() EXCLUDES(mutex_);
  // Sends what is spooled, says goodbye once all of it is acknowledged, and hangs up.
  void say_goodbye() EXCLUDES(mutex_);
  bool was_welcome() const EXCLUDES(mutex_);

 private:
  void OnReadDone(bool ok) override EXCLUDES(mutex_);
  void OnWriteDone(bool ok) override EXCLUDES(mutex_);
  void OnDone(const grpc::Status& status) override EXCLUDES(mutex_);

  void take(const v1::CollectorMessage& message) EXCLUDES(mutex_);
  void take_order(const v1::ProbeOrder& message);
  void take_ping(const v1::ClockPing& ping) EXCLUDES(mutex_);
  // Writes the most urgent thing that waits, if nothing is being written.
  void write_next() REQUIRES(mutex_);
  bool fill_next() REQUIRES(mutex_);
  bool fill_results() REQUIRES(mutex_);
  void write(v1::AgentMessage message) EXCLUDES(mutex_);

  // Constant after construction.
  v1::AgentGateway::StubInterface& stub_;
  const StreamOptions& options_;
  const StreamHandlers& handlers_;
  Spool& spool_;
  const Clock& clock_;

  grpc::ClientContext context_;
  v1::CollectorMessage incoming_;  // gRPC's between StartRead and OnReadDone

  mutable Mutex mutex_;
  CondVar ended_;
  v1::AgentMessage outgoing_ GUARDED_BY(mutex_);  // gRPC's between StartWrite and OnWriteDone
  std::deque<v1::AgentMessage> urgent_ GUARDED_BY(mutex_);
  std::deque<v1::AgentMessage> progress_ GUARDED_BY(mutex_);
  std::uint64_t sent_ GUARDED_BY(mutex_) = 0;          // the last sequence that was sent
  std::uint64_t acknowledged_ GUARDED_BY(mutex_) = 0;  // the last that is committed
  bool writing_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = true;  // no write may be started: not yet, or not any more
  bool welcome_ GUARDED_BY(mutex_) = false;
  bool leaving_ GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> status_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::agent
