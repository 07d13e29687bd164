#include "collector/dispatch/agent_registry.h"

#include <utility>

namespace firstbyte::collector {

bool AgentRegistry::join(ConnectedAgent agent) {
  MutexLock lock(mutex_);
  std::string id = agent.identity.id;
  return agents_.try_emplace(std::move(id), std::move(agent)).second;
}

bool AgentRegistry::leave(const std::string& agent_id, const AgentLink* link) {
  MutexLock lock(mutex_);
  const auto found = agents_.find(agent_id);
  if (found == agents_.end() || found->second.link.get() != link) return false;
  agents_.erase(found);
  return true;
}

std::optional<ConnectedAgent> AgentRegistry::find(const std::string& agent_id) const {
  MutexLock lock(mutex_);
  const auto found = agents_.find(agent_id);
  if (found == agents_.end()) return std::nullopt;
  return found->second;
}

std::vector<ConnectedAgent> AgentRegistry::all() const {
  MutexLock lock(mutex_);
  std::vector<ConnectedAgent> agents;
  agents.reserve(agents_.size());
  for (const auto& [id, agent] : agents_) agents.push_back(agent);
  return agents;
}

std::size_t AgentRegistry::size() const {
  MutexLock lock(mutex_);
  return agents_.size();
}

}  // namespace firstbyte::collector
