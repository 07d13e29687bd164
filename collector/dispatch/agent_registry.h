// Which agents are connected now. Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/store.h"
#include "common/measurement.h"
#include "common/mutex.h"
#include "common/target.h"

namespace firstbyte::collector {

// The way to one connected agent. Thread-safe; after its stream has ended calls have no effect.
class AgentLink {
 public:
  virtual ~AgentLink() = default;
  virtual void order(const ProbeOrder& order) = 0;
  virtual void cancel(const std::string& test_id) = 0;
  // What it said last of itself, and the latest estimate of its clock.
  virtual AgentCondition condition() const = 0;
};

struct ConnectedAgent {
  AgentIdentity identity;
  std::string version;
  WallTime connected_since{};
  std::shared_ptr<AgentLink> link;
  // As it named them: "http/3" where its libcurl speaks that.
  std::vector<std::string> capabilities{};
};

class AgentRegistry {
 public:
  // False when another link has this id; the registry is then unchanged.
  bool join(ConnectedAgent agent) EXCLUDES(mutex_);
  // False when `link` is not, or no longer, the one of this id.
  bool leave(const std::string& agent_id, const AgentLink* link) EXCLUDES(mutex_);

  std::optional<ConnectedAgent> find(const std::string& agent_id) const EXCLUDES(mutex_);
  std::vector<ConnectedAgent> all() const EXCLUDES(mutex_);
  std::size_t size() const EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::map<std::string, ConnectedAgent> agents_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::collector
