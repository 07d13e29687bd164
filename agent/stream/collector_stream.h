// The agent's side of the stream: dials the collector, stays connected, hands orders in and results
// out.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/security/credentials.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/spool/sqlite_spool.h"
#include "agent/stream/backoff.h"
#include "common/check.h"
#include "common/error.h"
#include "common/measurement.h"
#include "common/mutex.h"
#include "common/target.h"

namespace firstbyte::agent {

struct StreamOptions {
  std::string collector;  // "HOST:PORT"
  AgentIdentity identity;
  std::string version;
  std::vector<std::string> capabilities;
  std::uint64_t process = 0;  // names this run of the agent's process
  // Asked before each attempt, so that a renewed certificate is used from the next one on. Empty:
  // no TLS.
  std::function<std::shared_ptr<grpc::ChannelCredentials>()> credentials;
  Backoff::Millis first_retry{200};
  Backoff::Millis longest_retry{30'000};
  // From one report of how the spool is to the next.
  std::chrono::milliseconds status_interval{10'000};
};

// What the stream tells the rest of the agent. Called from gRPC's threads, but for assignments:
// must not block.
struct StreamHandlers {
  // Once for each test, on however many streams its order comes.
  std::function<void(ProbeOrder)> on_order;
  std::function<void(std::string test_id)> on_cancel;
  // The collector accepted this agent.
  std::function<void()> on_connected;
  // The collector refused this agent for good, in one sentence.
  std::function<void(Error)> on_refused;
  // What to probe on a schedule from now on. Called from the stream's own thread, which may wait
  // for the disk. Empty: nobody probes.
  std::function<void(Assignment)> on_assignment{};
};

// Thread-safe. The spool and the clock must outlive it.
class CollectorStream {
 public:
  CollectorStream(StreamOptions options, StreamHandlers handlers, SqliteSpool& spool,
                  const Clock& clock);
  ~CollectorStream();
  CollectorStream(const CollectorStream&) = delete;
  CollectorStream& operator=(const CollectorStream&) = delete;

  void start();
  // Waits for what is spooled to be acknowledged for at most `patience`, if connected, says
  // goodbye, and returns when the stream is down. Idempotent.
  void stop(std::chrono::milliseconds patience);

  // Dropped when not connected, or when the stream is behind: only results count.
  void report_progress(const std::string& test_id, Phase phase, Micros elapsed);

 private:
  class Session;
  void run();
  std::shared_ptr<Session> current() const EXCLUDES(mutex_);
  // How long to wait now that this one has ended, which the log says.
  Backoff::Millis choose_delay(const Session& session, const grpc::Status& status,
                               Backoff& backoff) const;
  // False when the stream must stop instead.
  bool wait_before_retry(Backoff::Millis delay) EXCLUDES(mutex_);

  // Constant after construction.
  const StreamOptions options_;
  const StreamHandlers handlers_;
  SqliteSpool& spool_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::shared_ptr<Session> session_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace firstbyte::agent
