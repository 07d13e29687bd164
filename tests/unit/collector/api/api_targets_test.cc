// How the checks go, as the API tells it.
#include <gmock/gmock.h>

#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using fakes::connect_agent;

class ApiTargetsTest : public ApiTest {
 protected:
  // Of the first target's first city, so long after its last slot.
  std::string state_after(std::vector<CheckRecord> records, Micros time) {
    store_.put(std::move(records));
    clock_.step_wall(examples::at(100'180) + time - clock_.wall());
    return std::string(json::parse(get("/api/v1/targets").body)
                           .at_pointer("/targets/0/cities/0/state")
                           .as_string());
  }
};

TEST_F(ApiTargetsTest, TargetsLookLikeTheirGolden) {
  store_.put(examples::check_records());
  clock_.step_wall(examples::at(10'000'000) - clock_.wall());
  fakes::expect_json_golden("api/targets.json", get("/api/v1/targets").body);
}

// Regression: the target was shown as failed.
TEST_F(ApiTargetsTest, AFailureOfTheAgentSaysNothingOfTheTarget) {
  auto records = examples::check_records();
  records.resize(1);
  const auto state = [&](Origin origin) {
    records[0].last->failure = Failure{{}, origin, Cause::kInternal, "It did not work."};
    store_.put(records);
    clock_.step_wall(examples::at(10'000'000) - clock_.wall());
    return std::string(json::parse(get("/api/v1/targets").body)
                           .at_pointer("/targets/0/cities/0/state")
                           .as_string());
  };
  EXPECT_EQ(state(Origin::kAgent), "no_data");
  EXPECT_EQ(state(Origin::kTarget), "failed");
}

// Regression: a slot in the future, of an agent whose clock was ahead by nobody knows how much,
// kept the state for as long.
TEST_F(ApiTargetsTest, ASlotInTheFutureKeepsNoState) {
  connect_agent(agents_, "new-york");
  auto records = examples::check_records();
  records.resize(1);
  records[0].last->clock.reset();
  records[0].last->scheduled_at += std::chrono::hours{24};
  const Micros interval = examples::check_plan().targets().front().check.interval;
  EXPECT_EQ(state_after(records, 2 * interval), "finished");
  EXPECT_EQ(state_after(records, 3 * interval), "no_data");
}

// Regression: it was shown as up for a slot more than anybody could know.
TEST_F(ApiTargetsTest, AStateOfAnAgentThatIsNotConnectedEndsWithItsNextSlot) {
  auto records = examples::check_records();
  records.resize(1);
  const Check check = examples::check_plan().targets().front().check;
  const Micros wait = check.interval + check.target.timeout + std::chrono::seconds{2};
  EXPECT_EQ(state_after(records, wait), "finished");
  EXPECT_EQ(state_after(records, wait + Micros{1'000}), "no_data");
  connect_agent(agents_, "new-york");
  EXPECT_EQ(state_after(records, wait + Micros{1'000}), "finished");
}

// Regression: an agent that was not asked any more, and did not come back, had no data for ever.
TEST_F(ApiTargetsTest, ACityThatATargetDoesNotNameAnyMoreIsNotListed) {
  auto records = examples::check_records();
  for (auto& record : records) record.check = examples::check_plan().targets().at(1).check.id;
  records[1].agent = examples::tokyo();
  store_.put(records);
  const json::value targets = json::parse(get("/api/v1/targets").body).at("targets");
  const json::array& cities = targets.at(1).at("cities").as_array();
  ASSERT_THAT(cities, testing::SizeIs(1));
  EXPECT_EQ(cities.at(0).at("agent").at("id"), "tokyo");
}

TEST_F(ApiTargetsTest, TargetsThatCannotBeReadAreNone) {
  store_.break_reads();
  EXPECT_EQ(get("/api/v1/targets").status, 503U);
}

}  // namespace
}  // namespace firstbyte::collector
