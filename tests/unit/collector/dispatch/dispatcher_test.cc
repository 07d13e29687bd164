#include "collector/dispatch/dispatcher.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/fakes/collector_wait.h"
#include "tests/unit/collector/dispatch/dispatcher_fixture.h"

namespace firstbyte::collector {
namespace {

using fakes::agent_in;
using fakes::connect_agent;
using fakes::eventually;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

std::vector<std::string> agents_of(const Record& test) {
  std::vector<std::string> ids;
  ids.reserve(test.cities.size());
  for (const TestCity& city : test.cities) ids.push_back(city.agent.id);
  return ids;
}

// ---- choosing

TEST_F(DispatcherTest, ChoosesEveryAgentItKnows) {
  connect_agent(agents_, "tokyo");
  know(agent_in("london"));
  EXPECT_THAT(agents_of(start()), ElementsAre("london", "tokyo"));
}

TEST_F(DispatcherTest, ChoosesOnlyTheAgentsThatWereAskedFor) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  EXPECT_THAT(agents_of(start({"tokyo"})), ElementsAre("tokyo"));
}

TEST_F(DispatcherTest, OrdersTheCitiesAsThePageShowsThem) {
  for (const char* city : {"sao-paulo", "amsterdam", "new-york"}) connect_agent(agents_, city);
  EXPECT_THAT(agents_of(start({"sao-paulo", "new-york", "amsterdam"})),
              ElementsAre("new-york", "amsterdam", "sao-paulo"));
}

TEST_F(DispatcherTest, CitiesThatNobodyKnowsComeLastById) {
  connect_agent(agents_, "sao-paulo");
  for (const char* id : {"zz-9", "aa-1"}) {
    AgentIdentity agent = agent_in("tokyo");
    agent.id = id;
    agent.city = "Atlantis";
    know(agent);
  }
  EXPECT_THAT(agents_of(start()), ElementsAre("sao-paulo", "aa-1", "zz-9"));
}

TEST_F(DispatcherTest, AConnectedAgentIsDescribedAsItDescribesItselfNow) {
  AgentIdentity old = agent_in("tokyo");
  old.city = "Edo";
  know(old);
  connect_agent(agents_, "tokyo");
  EXPECT_EQ(start().cities.at(0).agent.city, "Tokyo");
}

TEST_F(DispatcherTest, RefusesAnUnknownAgentAndNamesItsPlace) {
  connect_agent(agents_, "tokyo");
  const Error error = refusal({"tokyo", "atlantis"});
  EXPECT_EQ(error.kind, Error::Kind::kInvalid);
  EXPECT_EQ(error.field, "/agents/1");
  EXPECT_EQ(error.message, "no agent is called \"atlantis\"");
}

// Regression: whatever was asked for came back, however long.
TEST_F(DispatcherTest, AnUnknownAgentsIdIsCutWhereItIsRepeated) {
  connect_agent(agents_, "tokyo");
  const Error error = refusal({std::string(63, 'a') + "\u00e9" + std::string(5'000, 'b')});
  EXPECT_EQ(error.message, "no agent is called \"" + std::string(63, 'a') + "\"");
}

TEST_F(DispatcherTest, RefusesAnAgentThatIsChosenTwice) {
  connect_agent(agents_, "tokyo");
  const Error error = refusal({"tokyo", "tokyo"});
  EXPECT_EQ(error.kind, Error::Kind::kInvalid);
  EXPECT_EQ(error.field, "/agents/1");
  EXPECT_EQ(error.message, "\"tokyo\" is there twice");
}

TEST_F(DispatcherTest, RefusesWhenNoAgentIsConnected) {
  know(agent_in("tokyo"));
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kTransient);
  EXPECT_EQ(error.message, "no agent is connected to this collector");
}

TEST_F(DispatcherTest, RefusesWhenNoneOfTheChosenIsConnected) {
  connect_agent(agents_, "london");
  know(agent_in("tokyo"));
  const Error error = refusal({"tokyo"});
  EXPECT_EQ(error.kind, Error::Kind::kTransient);
  EXPECT_EQ(error.message, "none of the chosen agents is connected");
}

TEST_F(DispatcherTest, ARefusedTestIsNotStored) {
  connect_agent(agents_, "tokyo");
  refusal({"atlantis"});
  EXPECT_THAT(store_.unfinished_tests(clock_.wall()).value(), IsEmpty());
}

TEST_F(DispatcherTest, SaysSoWhenTheStoreCannotBeRead) {
  connect_agent(agents_, "tokyo");
  store_.break_reads();
  EXPECT_EQ(refusal().message, "the disk is gone");
}

// ---- starting

TEST_F(DispatcherTest, OrdersTheProbeFromEachConnectedAgent) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  const auto london = connect_agent(agents_, "london");
  const Record test = start();
  for (const auto& link : {tokyo, london}) {
    ASSERT_THAT(link->orders(), SizeIs(1));
    EXPECT_EQ(link->orders()[0].test_id, test.id);
    EXPECT_EQ(link->orders()[0].target.url, "https://a.example/");
    EXPECT_EQ(link->orders()[0].target.timeout, Micros{10s});
  }
}

TEST_F(DispatcherTest, AnOrderCarriesTheTargetAndItsSecretsWhichNobodyElseSees) {
  const auto link = connect_agent(agents_, "tokyo");
  TestRequest request{{.url = "https://a.example/"}, {}};
  request.target.headers = {{"Authorization", "Bearer x"}, {"X-Api-Key", "y"}, {"Accept", "*/*"}};
  request.target.samples = 3;
  request.target.timeout = 20s;
  const Expected<Record> test = dispatcher_.start(request);
  ASSERT_TRUE(test);
  ASSERT_THAT(link->orders(), SizeIs(1));
  EXPECT_EQ(link->orders()[0].target, request.target);

  Target shown = request.target;
  shown.headers = {{"Authorization", "<redacted>"}, {"X-Api-Key", "<redacted>"}, {"Accept", "*/*"}};
  EXPECT_EQ(test->target, shown);
  EXPECT_EQ(store_.load_test(test->id).value()->target, shown);
  EXPECT_TRUE(dispatcher_.with_running(
      test->id, [&](const Record& running) { EXPECT_EQ(running.target, shown); }));
  EXPECT_EQ(test->deadline_at - test->created_at, 22s);
}

TEST_F(DispatcherTest, GivesTheProbesTwoSecondsOfGrace) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  EXPECT_EQ(test.created_at, clock_.wall());
  EXPECT_EQ(test.deadline_at, clock_.wall() + 12s);
}

TEST_F(DispatcherTest, AnOfflineCityIsSettledAtOnce) {
  connect_agent(agents_, "tokyo");
  know(agent_in("london"));
  const Record test = start();
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "london offline"));
  EXPECT_EQ(state_of(test, "london"), CityState::kOffline);
}

TEST_F(DispatcherTest, OrdersBeforeTheTestIsCommittedAndAnswersAfter) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  store_.hold_writes();
  std::future<Record> test = std::async(std::launch::async, [&] { return start(); });
  EXPECT_TRUE(eventually([&] { return tokyo->orders().size() == 1; }));
  EXPECT_EQ(test.wait_for(20ms), std::future_status::timeout);
  store_.release_writes();
  EXPECT_EQ(test.get().id, tokyo->orders()[0].test_id);
}

TEST_F(DispatcherTest, ATestThatCannotBeStoredIsRefusedAndOverForWhoeverWatches) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  store_.break_writes("the disk is full");
  const Error error = refusal();
  EXPECT_EQ(error.kind, Error::Kind::kTransient);
  EXPECT_EQ(error.message, "the disk is full");
  EXPECT_EQ(dispatcher_.running(), 0U);
  EXPECT_THAT(seen_.seen(tokyo->orders().at(0).test_id), ElementsAre("started", "done"));
}

TEST_F(DispatcherTest, AgentsDoNotProbeForATestThatCannotBeStored) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  store_.break_writes("the disk is full");
  refusal();
  EXPECT_THAT(tokyo->cancels(), ElementsAre(tokyo->orders().at(0).test_id));
}

// ---- under way

TEST_F(DispatcherTest, TellsEachStepOfACity) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  progress(test, "tokyo", Phase::kDns);
  progress(test, "tokyo", Phase::kConnect);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo dns", "tokyo connect"));
}

TEST_F(DispatcherTest, StepsOnlyGoForward) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  progress(test, "tokyo", Phase::kTls);
  progress(test, "tokyo", Phase::kDns);
  progress(test, "tokyo", Phase::kTls);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo tls"));
}

TEST_F(DispatcherTest, AStepAfterTheResultIsNoNews) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  deliver("tokyo", result_of(test));
  progress(test, "tokyo", Phase::kTransfer);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished"));
}

TEST_F(DispatcherTest, StepsOfAnUnknownTestOrOfACityThatWasNotChosenAreIgnored) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start({"tokyo"});
  progress(test, "london", Phase::kDns);
  dispatcher_.on_progress("tokyo", "nosuchtest000", Phase::kDns, Micros{1});
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started"));
}

TEST_F(DispatcherTest, AResultFinishesItsCity) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  deliver("tokyo", result_of(test));
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished", "done"));
}

TEST_F(DispatcherTest, AFailedProbeFailsItsCity) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  deliver("tokyo", result_of(test, Failure{{}, Origin::kTarget, Cause::kRefused, "refused"}));
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo failed", "done"));
}

TEST_F(DispatcherTest, TheEndedCityHoldsItsMeasurementAndItsTotal) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  deliver("tokyo", result_of(test));
  const auto ended = seen_.wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->cities.at(0).elapsed, Micros{5'000});
  EXPECT_EQ(ended->cities.at(0).received, result_of(test));
}

TEST_F(DispatcherTest, ATestIsOverWithItsLastCity) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  deliver("tokyo", result_of(test));
  EXPECT_EQ(dispatcher_.running(), 1U);
  deliver("london", result_of(test));
  EXPECT_EQ(dispatcher_.running(), 0U);
}

TEST_F(DispatcherTest, LooksAtATestOnlyWhileItRuns) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  Record looked;
  EXPECT_TRUE(dispatcher_.with_running(test.id, [&](const Record& running) { looked = running; }));
  EXPECT_EQ(looked, test);
  deliver("tokyo", result_of(test));
  EXPECT_FALSE(dispatcher_.with_running(test.id, [](const Record&) { FAIL(); }));
}

}  // namespace
}  // namespace firstbyte::collector
