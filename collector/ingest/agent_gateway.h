// The collector's side of the agents' streams: takes results in, acknowledges what is committed,
// hands orders out. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "collector/dispatch/agent_registry.h"
#include "collector/dispatch/dispatcher.h"
#include "collector/ingest/ingest_stats.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::collector {

class AgentAccess;
class CheckPlan;
class ServerTls;

class AgentGateway {
 public:
  struct Options {
    std::string address;  // "127.0.0.1:9090"; port 0: any free one
    // TLS, and who may connect. Both or neither: without them everyone is who it says, in
    // plaintext.
    ServerTls* tls = nullptr;
    AgentAccess* access = nullptr;
    // What the agents probe on a schedule; without it they are told nothing of that.
    const CheckPlan* checks = nullptr;
    std::chrono::milliseconds ping_interval{5000};
    // An agent that says nothing for this long is taken for lost, whatever its TCP connection says.
    std::chrono::milliseconds silence_limit{15'000};
    // How long a connected agent has to show that it lives when another claims its id.
    std::chrono::milliseconds challenge_limit{1500};
    // When this collector stops, its agents come back spread over this time, or over five
    // milliseconds for each of them if that is more: a mutual TLS handshake, a hello and a cursor
    // cost two, so that a restart never takes the machine from those who are back already.
    std::chrono::milliseconds come_back{5'000};
  };

  // Listens; the Error names "--grpc" and says why it could not.
  static Expected<std::unique_ptr<AgentGateway>> start(Options options, Store& store,
                                                       AgentRegistry& agents,
                                                       Dispatcher& dispatcher, const Clock& clock);
  virtual ~AgentGateway() = default;  // stops

  virtual int port() const = 0;
  virtual const IngestStats& stats() const = 0;
  // Tells the agents when to come back, waits two seconds at most until what they have delivered is
  // acknowledged, and ends every stream. Idempotent.
  virtual void stop() = 0;
};

}  // namespace firstbyte::collector
