// One connection to the collector, from dialling to its end.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>

#include "agent/stream/collector_stream.h"
#include "agent/stream/in_flight.h"
#include "firstbyte/v1/agent.grpc.pb.h"

namespace firstbyte::agent {

// gRPC calls the reactions from its own threads, one at a time for each kind; the mutex orders them
// with the callers from outside. At most one read and one write are under way. Whoever calls from
// outside only leaves word; the thread in run() reads the spool, which may wait for the disk, and
// encodes, neither of them under the mutex.
class CollectorStream::Session final
    : public grpc::ClientBidiReactor<v1::AgentMessage, v1::CollectorMessage> {
 public:
  Session(v1::AgentGateway::StubInterface& stub, const StreamOptions& options,
          const StreamHandlers& handlers, SqliteSpool& spool, const Clock& clock);

  // Sends what there is to send until the stream has ended; the status says why.
  grpc::Status run() EXCLUDES(mutex_);
  void cancel();

  void report_progress(const std::string& test_id, Phase phase, Micros elapsed) EXCLUDES(mutex_);
  // The spool has changed.
  void look_again() EXCLUDES(mutex_);
  // Sends what is spooled, says goodbye once all of it is acknowledged, and hangs up.
  void say_goodbye() EXCLUDES(mutex_);
  bool was_welcome() const EXCLUDES(mutex_);
  // Within what time the collector asked for coming back, and when it did.
  struct ComeBack {
    Micros within{};
    MonotonicTime heard{};
  };
  std::optional<ComeBack> come_back() const EXCLUDES(mutex_);

 private:
  void OnReadDone(bool ok) override EXCLUDES(mutex_);
  void OnWriteDone(bool ok) override EXCLUDES(mutex_);
  void OnDone(const grpc::Status& status) override EXCLUDES(mutex_);

  struct Step {
    std::string test_id;
    Phase phase{};
    Micros elapsed{};
  };

  void start() EXCLUDES(mutex_);
  void take(const v1::CollectorMessage& message) EXCLUDES(mutex_);
  void take_welcome(const v1::Welcome& welcome) EXCLUDES(mutex_);
  void take_acknowledgement(std::uint64_t sequence) EXCLUDES(mutex_);
  void take_order(const v1::ProbeOrder& message);
  void take_ping(const v1::ClockPing& ping) EXCLUDES(mutex_);
  void take_assignment(const v1::Assignment& message) EXCLUDES(mutex_);
  void hand_on_assignment() EXCLUDES(mutex_);
  // Whether results can be read from the spool to go next.
  bool wants_results() const REQUIRES(mutex_);
  void read_results() EXCLUDES(mutex_);
  // The last that is sent, before its turn or in it, or can go with the next results.
  std::uint64_t within_reach() const REQUIRES(mutex_);
  // Whether a test waits for what stands behind many others.
  bool wants_ahead() const REQUIRES(mutex_);
  void read_ahead() EXCLUDES(mutex_);
  // When it is time to, or the spool fails or does no longer.
  void report_status() REQUIRES(mutex_);
  // run() looks at everything anew.
  void wake() REQUIRES(mutex_);
  // Writes the most urgent thing that waits, if nothing is being written.
  void write_next() REQUIRES(mutex_);
  void write(v1::AgentMessage message) EXCLUDES(mutex_);
  bool fill_next() REQUIRES(mutex_);

  // Constant after construction.
  v1::AgentGateway::StubInterface& stub_;
  const StreamOptions& options_;
  const StreamHandlers& handlers_;
  SqliteSpool& spool_;
  const Clock& clock_;
  const std::uint64_t boot_;

  grpc::ClientContext context_;
  v1::CollectorMessage incoming_;  // gRPC's between StartRead and OnReadDone

  mutable Mutex mutex_;
  CondVar changed_;
  v1::AgentMessage outgoing_ GUARDED_BY(mutex_);  // gRPC's between StartWrite and OnWriteDone
  std::deque<v1::AgentMessage> urgent_ GUARDED_BY(mutex_);
  std::deque<Step> progress_ GUARDED_BY(mutex_);
  std::optional<v1::AgentMessage> results_ GUARDED_BY(mutex_);  // read from the spool, to go next
  std::optional<Assignment> assignment_ GUARDED_BY(mutex_);     // not handed on yet
  std::optional<v1::AgentMessage> ahead_ GUARDED_BY(mutex_);    // the same, before their turn
  InFlight in_flight_ GUARDED_BY(mutex_);
  std::uint64_t sent_ahead_ GUARDED_BY(mutex_) = 0;  // the last that was sent before its turn
  MonotonicTime status_due_ GUARDED_BY(mutex_);
  std::string told_error_ GUARDED_BY(mutex_);  // of the spool, in the last status
  std::optional<ComeBack> come_back_ GUARDED_BY(mutex_);
  bool look_ GUARDED_BY(mutex_) = false;  // something has changed since run() looked
  bool writing_ GUARDED_BY(mutex_) = false;
  bool closed_ GUARDED_BY(mutex_) = true;  // no write may be started: not yet, or not any more
  bool welcome_ GUARDED_BY(mutex_) = false;
  bool leaving_ GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> status_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::agent
