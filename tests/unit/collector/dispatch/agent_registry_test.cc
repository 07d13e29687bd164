#include "collector/dispatch/agent_registry.h"

#include <gmock/gmock.h>

#include "tests/fakes/fake_agent.h"

namespace firstbyte::collector {
namespace {

using fakes::agent_in;
using fakes::FakeAgentLink;

class AgentRegistryTest : public testing::Test {
 protected:
  bool join(const std::string& city, const std::shared_ptr<AgentLink>& link) {
    return agents_.join({agent_in(city), "0.1.0", WallTime{}, link});
  }

  AgentRegistry agents_;
  const std::shared_ptr<FakeAgentLink> first_ = std::make_shared<FakeAgentLink>();
  const std::shared_ptr<FakeAgentLink> second_ = std::make_shared<FakeAgentLink>();
};

TEST_F(AgentRegistryTest, FindsWhoJoined) {
  ASSERT_TRUE(join("tokyo", first_));
  EXPECT_EQ(agents_.find("tokyo")->identity, agent_in("tokyo"));
  EXPECT_EQ(agents_.find("tokyo")->link, first_);
}

TEST_F(AgentRegistryTest, DoesNotFindWhoNeverJoined) { EXPECT_FALSE(agents_.find("tokyo")); }

TEST_F(AgentRegistryTest, RefusesASecondLinkOfTheSameIdAndKeepsTheFirst) {
  ASSERT_TRUE(join("tokyo", first_));
  EXPECT_FALSE(join("tokyo", second_));
  EXPECT_EQ(agents_.find("tokyo")->link, first_);
}

TEST_F(AgentRegistryTest, ForgetsWhoLeft) {
  ASSERT_TRUE(join("tokyo", first_));
  EXPECT_TRUE(agents_.leave("tokyo", first_.get()));
  EXPECT_FALSE(agents_.find("tokyo"));
}

TEST_F(AgentRegistryTest, ALinkThatWasReplacedCannotTakeItsSuccessorAway) {
  ASSERT_TRUE(join("tokyo", first_));
  ASSERT_TRUE(agents_.leave("tokyo", first_.get()));
  ASSERT_TRUE(join("tokyo", second_));
  EXPECT_FALSE(agents_.leave("tokyo", first_.get()));
  EXPECT_EQ(agents_.find("tokyo")->link, second_);
}

TEST_F(AgentRegistryTest, LeavingTwiceIsLeavingOnce) {
  ASSERT_TRUE(join("tokyo", first_));
  EXPECT_TRUE(agents_.leave("tokyo", first_.get()));
  EXPECT_FALSE(agents_.leave("tokyo", first_.get()));
}

TEST_F(AgentRegistryTest, ListsAndCountsWhoIsThere) {
  ASSERT_TRUE(join("tokyo", first_));
  ASSERT_TRUE(join("london", second_));
  EXPECT_EQ(agents_.size(), 2U);
  std::vector<std::string> ids;
  for (const ConnectedAgent& agent : agents_.all()) ids.push_back(agent.identity.id);
  EXPECT_THAT(ids, testing::UnorderedElementsAre("tokyo", "london"));
}

}  // namespace
}  // namespace firstbyte::collector
