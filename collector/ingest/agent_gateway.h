// The collector's side of the agents' streams: takes results in, acknowledges what is committed,
// hands orders out. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "collector/dispatch/agent_registry.h"
#include "collector/dispatch/dispatcher.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::collector {

struct IngestStats {
  std::atomic<std::uint64_t> results{0};   // taken in, doubled ones included
  std::atomic<std::uint64_t> rejected{0};  // broke the protocol's bounds; stored as failures
  std::atomic<std::uint64_t> refused{0};   // agents that were sent away
};

class AgentAccess;
class ServerTls;

class AgentGateway {
 public:
  struct Options {
    std::string address;  // "127.0.0.1:9090"; port 0: any free one
    // TLS, and who may connect. Both or neither: without them everyone is who it says, in
    // plaintext.
    ServerTls* tls = nullptr;
    AgentAccess* access = nullptr;
    std::chrono::milliseconds ping_interval{5000};
    // An agent that says nothing for this long is taken for lost, whatever its TCP connection says.
    std::chrono::milliseconds silence_limit{15'000};
    // How long a connected agent has to show that it lives when another claims its id.
    std::chrono::milliseconds challenge_limit{1500};
  };

  // Listens; the Error names "--grpc" and says why it could not.
  static Expected<std::unique_ptr<AgentGateway>> start(Options options, Store& store,
                                                       AgentRegistry& agents,
                                                       Dispatcher& dispatcher, const Clock& clock);
  virtual ~AgentGateway() = default;  // stops

  virtual int port() const = 0;
  virtual const IngestStats& stats() const = 0;
  // Ends every stream and waits for that. Idempotent.
  virtual void stop() = 0;
};

}  // namespace firstbyte::collector
