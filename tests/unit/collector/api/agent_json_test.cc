#include "collector/api/agent_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/fakes/collector_examples.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::value shown(const std::vector<AgentView>& agents) {
  return json::parse(agents_json(agents)).at("agents").at(0);
}

// What it said last, with the time that it is of.
TEST(AgentJson, AnAgentThatIsNotConnectedKeepsItsLastCondition) {
  AgentRecord record = examples::agent_records().front();
  record.condition = examples::connected_agents().front().link->condition();
  const json::value agent = shown(view_agents({record}, {}));
  EXPECT_EQ(agent.at("state"), "offline");
  EXPECT_EQ(agent.at("connected_since"), nullptr);
  EXPECT_EQ(agent.at("capabilities"), nullptr);
  EXPECT_EQ(agent.at("clock_offset_us"), -180);
  EXPECT_EQ(agent.at("clock_at"), "2026-11-23T03:10:05.000000Z");
  EXPECT_EQ(agent.at("spool").at("results"), 42);
  EXPECT_EQ(agent.at("spool").at("reported_at"), "2026-11-23T03:10:00.000000Z");
}

TEST(AgentJson, WhatAConnectedAgentDidNotSayYetIsAsItWas) {
  AgentRecord record = examples::agent_records().front();
  record.condition.spool = AgentCondition::Spool{{.results = 7,
                                                  .bytes = 0,
                                                  .oldest_measured_at = {},
                                                  .lost = 0,
                                                  .error = "the disk is full",
                                                  .set_aside_at = examples::at(0)},
                                                 examples::at(0)};
  const auto link = std::make_shared<fakes::FakeAgentLink>();
  const json::value agent =
      shown(view_agents({record}, {{examples::new_york(), "0.2.0", examples::at(0), link}}));
  EXPECT_EQ(agent.at("state"), "connected");
  EXPECT_EQ(agent.at("version"), "0.2.0");
  EXPECT_EQ(agent.at("clock_offset_us"), nullptr);
  EXPECT_EQ(agent.at("clock_at"), nullptr);
  EXPECT_EQ(agent.at("spool").at("results"), 7);
  EXPECT_EQ(agent.at("spool").at("error"), "the disk is full");
  EXPECT_EQ(agent.at("spool").at("oldest_age_us"), nullptr);
}

TEST(AgentJson, AnAgentIsThereBeforeItsRecordIs) {
  EXPECT_EQ(view_agents({}, examples::connected_agents()).front().record.identity,
            examples::new_york());
}

}  // namespace
}  // namespace firstbyte::collector
