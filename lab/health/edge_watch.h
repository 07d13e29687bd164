// From rounds of checking to what the routers are told. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"
#include "lab/health/health_rule.h"

namespace firstbyte::health {

// What the watch asks of the world and tells it.
struct EdgeWatchHooks {
  std::function<Expected<>()> check;                   // the Error's message is the reason
  std::function<Expected<>(bool enabled)> announce;    // the routes
  std::function<void(std::string_view)> say;           // "up", "down reason=…"
  std::function<void(std::string_view)> say_in_error;  // that the routes could not be changed
};

class EdgeWatch {
 public:
  EdgeWatch(HealthRule rule, EdgeWatchHooks hooks) : rule_(rule), hooks_(std::move(hooks)) {}

  // Checks once. What could not be announced in an earlier round is tried again. That the edge is
  // down is repeated in each round, since a BIRD that was started anew does not know; that it is up
  // is said once, so that whoever takes an edge out by hand is not undone.
  void round();

 private:
  void judge();
  void announce();

  HealthRule rule_;
  const EdgeWatchHooks hooks_;
  bool was_down_ = false;
  std::optional<bool> to_announce_;  // absent: nothing
  std::string last_error_;           // said once, not in each round
};

}  // namespace firstbyte::health
