// The collector's HTTP paths: which there are, and what each answers. docs/http-api.md and
// schema/openapi.json describe them to users.
#pragma once

#include <memory>
#include <string>

#include "collector/api/assets.h"
#include "collector/api/guard.h"
#include "collector/api/metrics.h"
#include "collector/api/router.h"
#include "collector/api/test_feeds.h"
#include "collector/api/test_limits.h"
#include "collector/checks/check_plan.h"
#include "collector/dispatch/agent_registry.h"
#include "collector/dispatch/dispatcher.h"
#include "collector/store/store.h"
#include "common/edge.h"

namespace firstbyte::collector {

// What the page shows of this installation.
struct PageInfo {
  std::string default_url;  // what the URL field holds at first
  std::string notice;       // what a viewer must know; empty when there is nothing to say
};

// All of it outlives the router.
struct ApiContext {
  Store& store;
  AgentRegistry& agents;
  Dispatcher& dispatcher;
  TestFeeds& feeds;
  Guard& guard;
  TestLimits& limits;
  Metrics& metrics;
  const Assets& assets;
  PageInfo info;
  const CheckPlan& checks;
  const Clock& clock;
  const EdgeRules& edges;
};

std::shared_ptr<const Router> make_router(ApiContext context);

}  // namespace firstbyte::collector
