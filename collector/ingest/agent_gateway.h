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
    // An agent with a test under way is pinged when nothing came for this long, and when nothing
    // comes for the second its cities are offline. Its stream stays: what TCP still has for it, it
    // gets if the way is there again. The second bounds what an agent may be paused for, and a
    // message and its answer be lost and sent again, without a word of it.
    std::chrono::milliseconds test_ping_interval{500};
    std::chrono::milliseconds test_silence_limit{2000};
    // How long a connected agent has to show that it lives when another claims its id.
    std::chrono::milliseconds challenge_limit{1500};
    // When this collector stops, its agents come back spread over this time, or over five
    // milliseconds for each of them if that is more: an allowance for a mutual TLS handshake, a
    // hello and a cursor, so that a restart leaves the machine to those who are back already.
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
