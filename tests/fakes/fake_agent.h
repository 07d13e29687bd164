// Agents as the dispatcher sees them: who they are, and a link that keeps what it was told.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/dispatch/agent_registry.h"
#include "common/cities.h"
#include "common/mutex.h"

namespace firstbyte::fakes {

// The agent in a known city, under the city's own id.
inline AgentIdentity agent_in(const std::string& city_id) {
  const City city = find_city(city_id).value();
  return {.id = city_id,
          .city = std::string(city.name),
          .country = std::string(city.country),
          .region = std::string(city.region),
          .latitude = city.latitude,
          .longitude = city.longitude,
          .asn = {}};
}

// Thread-safe.
class FakeAgentLink final : public collector::AgentLink {
 public:
  explicit FakeAgentLink(collector::AgentCondition condition = {})
      : condition_(std::move(condition)) {}

  void order(const ProbeOrder& order) override {
    MutexLock lock(mutex_);
    orders_.push_back(order);
  }
  void cancel(const std::string& test_id) override {
    MutexLock lock(mutex_);
    cancels_.push_back(test_id);
  }
  collector::AgentCondition condition() const override { return condition_; }

  std::vector<ProbeOrder> orders() const {
    MutexLock lock(mutex_);
    return orders_;
  }
  std::vector<std::string> cancels() const {
    MutexLock lock(mutex_);
    return cancels_;
  }

 private:
  const collector::AgentCondition condition_;
  mutable Mutex mutex_;
  std::vector<ProbeOrder> orders_;
  std::vector<std::string> cancels_;
};

// Connects a fake agent in a known city; gives its link.
inline std::shared_ptr<FakeAgentLink> connect_agent(collector::AgentRegistry& agents,
                                                    const std::string& city_id) {
  const auto link = std::make_shared<FakeAgentLink>();
  agents.join({agent_in(city_id), "0.1.0", WallTime{}, link});
  return link;
}

}  // namespace firstbyte::fakes
