// The collector's HTTP paths with all that stands behind them, without a socket.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <boost/json.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "collector/api/api.h"
#include "tests/fakes/collector_examples.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_store.h"
#include "tests/fakes/http_response.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::collector {

class ApiTest : public testing::Test {
 protected:
  static constexpr std::array<Asset, 4> kFiles{{
      {"/index.html", "text/html; charset=utf-8", "\"1\"", "<page>", "", "", false},
      {"/openapi.json", "application/json; charset=utf-8", "\"2\"", "{}", "", "", false},
      {"/favicon.svg", "image/svg+xml", "\"3\"", "<svg>", "", "", false},
      {"/assets/a.js", "text/javascript; charset=utf-8", "\"4\"", "let", "", "", true},
  }};

  HttpReply ask(std::string method, std::string path, std::string body = {},
                std::map<std::string, std::string> headers = {}) {
    return router_->dispatch({.method = std::move(method),
                              .path = std::move(path),
                              .query = {},
                              .headers = std::move(headers),
                              .path_parameters = {},
                              .body = std::move(body),
                              .client = parse_address("192.0.2.1").value()});
  }
  HttpReply ask_with(std::string path, std::map<std::string, std::string> query) {
    return router_->dispatch({.method = "GET",
                              .path = std::move(path),
                              .query = std::move(query),
                              .headers = {},
                              .path_parameters = {},
                              .body = {},
                              .client = parse_address("192.0.2.1").value()});
  }
  HttpResponse get(std::string path) { return std::get<HttpResponse>(ask("GET", std::move(path))); }
  HttpResponse post(std::string body, std::string content_type = "application/json") {
    return std::get<HttpResponse>(
        ask("POST", "/api/v1/tests", std::move(body), {{"content-type", std::move(content_type)}}));
  }
  std::string problem_of(const HttpResponse& response) {
    EXPECT_EQ(response.content_type, "application/problem+json");
    const boost::json::value problem = boost::json::parse(response.body);
    EXPECT_EQ(problem.at("status"), response.status);
    return std::string(problem.at("detail").as_string());
  }
  // Every frame that waits for this viewer; empty when it is no stream.
  std::string events(const std::string& id, const std::string& last_event_id = "") {
    HttpReply reply =
        ask("GET", "/api/v1/tests/" + id + "/events", "", {{"last-event-id", last_event_id}});
    const auto source = std::get_if<std::unique_ptr<EventSource>>(&reply);
    if (source == nullptr) return {};
    std::string text;
    for (const auto& frame : (*source)->take().frames) text += *frame;
    return text;
  }

  fakes::FakeStore store_;
  fakes::ManualClock clock_;
  AgentRegistry agents_;
  TestFeeds feeds_{"run", examples::edge_rules()};
  Dispatcher dispatcher_{store_, agents_, feeds_, clock_};
  const fakes::TempDir folder_;
  const std::unique_ptr<AccessDatabase> access_ = AccessDatabase::open(folder_.path()).value();
  ApiTokens tokens_{*access_, clock_};
  Guard guard_{HttpAccess::kPublic, tokens_, clock_};
  TestLimits limits_{{.per_client = 60, .per_target = 120, .in_total = 240}, clock_};
  Metrics metrics_;
  const Assets assets_{kFiles};
  const CheckPlan plan_ = examples::check_plan();
  const std::shared_ptr<const Router> router_ =
      make_router({store_,
                   agents_,
                   dispatcher_,
                   feeds_,
                   guard_,
                   limits_,
                   metrics_,
                   assets_,
                   {"https://www.firstbyte.test:8443/",
                    "Loopback demo: every edge stands on this machine, so the times show no "
                    "distances."},
                   plan_,
                   clock_,
                   examples::edge_rules()});
};

}  // namespace firstbyte::collector
