// Tests whose agents are lost, late or back, and those of another run of the collector.

#include <gmock/gmock.h>

#include "tests/fakes/collector_wait.h"
#include "tests/unit/collector/dispatch/dispatcher_fixture.h"

namespace firstbyte::collector {
namespace {

using fakes::agent_in;
using fakes::connect_agent;
using fakes::eventually;
using testing::ElementsAre;
using namespace std::chrono_literals;

using Loss = Dispatcher::Loss;

// ---- what goes wrong on the way

TEST_F(DispatcherTest, AnAgentThatIsLostLeavesItsCityOffline) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  progress(test, "tokyo", Phase::kDns);
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo dns", "tokyo offline"));
  EXPECT_EQ(state_of(test, "tokyo"), CityState::kOffline);
}

TEST_F(DispatcherTest, AnAgentThatIsLostAfterItsResultChangesNothing) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  deliver("tokyo", result_of(test));
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished"));
}

TEST_F(DispatcherTest, TheElapsedTimeOfALostCityCountsFromTheDispatch) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  clock_.advance(3s);
  dispatcher_.on_agent_lost("tokyo", Loss::kGoodbye);
  EXPECT_EQ(seen_.wait_finished(test.id)->cities.at(0).elapsed, Micros{3s});
}

TEST_F(DispatcherTest, ACityWithoutAResultTimesOutAtTheDeadlineAndItsProbeIsCancelled) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  const Record test = start();
  turn(12s);
  const auto ended = seen_.wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->cities.at(0).state, CityState::kTimedOut);
  EXPECT_EQ(ended->cities.at(0).elapsed, Micros{12s});
  EXPECT_TRUE(eventually([&] { return tokyo->cancels() == std::vector{test.id}; }));
}

TEST_F(DispatcherTest, NothingTimesOutBeforeTheDeadline) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record first = start({"tokyo"});
  clock_.advance(1s);
  const Record second = start({"london"});
  turn(11s);
  ASSERT_TRUE(seen_.wait_finished(first.id));
  EXPECT_THAT(seen_.seen(second.id), ElementsAre("started"));
}

TEST_F(DispatcherTest, CitiesThatEndedBeforeTheDeadlineStayAsTheyAre) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  deliver("london", result_of(test));
  turn(12s);
  const auto ended = seen_.wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->cities.at(0).state, CityState::kFinished);
  EXPECT_EQ(ended->cities.at(1).state, CityState::kTimedOut);
}

TEST_F(DispatcherTest, AResultAfterItsCityEndedIsIgnored) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  deliver("tokyo", result_of(test));
  deliver("tokyo", result_of(test, Failure{}));
  dispatcher_.on_settled("tokyo", result_of(test, Failure{}));
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished"));
}

// ---- agents that come back

TEST_F(DispatcherTest, ATestWaitsForAnAgentWhoseConnectionBroke) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline"));
  turn(12s);
  const auto ended = seen_.wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline", "done"));
  EXPECT_EQ(ended->cities.at(0).state, CityState::kOffline);
  EXPECT_FALSE(ended->cities.at(0).awaited);
}

// Regression: what still lay in TCP for a silent agent was probed after its test was over.
TEST_F(DispatcherTest, AtTheDeadlineTheOrderOfASilentAgentIsCancelled) {
  const auto tokyo = connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  EXPECT_TRUE(tokyo->cancels().empty());
  turn(12s);
  ASSERT_TRUE(seen_.wait_finished(test.id));
  EXPECT_TRUE(eventually([&] { return tokyo->cancels().size() == 1; }));
}

TEST_F(DispatcherTest, AResultBeforeTheDeadlineBringsItsCityBack) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  deliver("tokyo", result_of(test));
  const auto ended = seen_.wait_finished(test.id);
  ASSERT_TRUE(ended);
  EXPECT_THAT(seen_.seen(test.id),
              ElementsAre("started", "tokyo offline", "tokyo finished", "done"));
  EXPECT_EQ(ended->cities.at(0).received, result_of(test));
  EXPECT_EQ(state_of(test, "tokyo"), CityState::kFinished);
}

TEST_F(DispatcherTest, ALateResultIsKeptWithItsCityAndChangesNothing) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  turn(12s);
  ASSERT_TRUE(seen_.wait_finished(test.id));
  ReceivedMeasurement late = result_of(test);
  late.received_at = test.deadline_at + 1s;
  deliver("tokyo", late);
  EXPECT_EQ(state_of(test, "tokyo"), CityState::kOffline);
  EXPECT_EQ(store_.load_test(test.id).value()->cities.at(0).late, late);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline", "done"));
}

TEST_F(DispatcherTest, NobodyWaitsForAnAgentThatSaidGoodbye) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kGoodbye);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline", "done"));
}

TEST_F(DispatcherTest, NobodyWaitsForAnAgentThatCameBackAndSaidGoodbye) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  dispatcher_.on_agent_lost("tokyo", Loss::kGoodbye);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline", "done"));
}

TEST_F(DispatcherTest, NobodyWaitsForAnAgentThatWasNeverAsked) {
  connect_agent(agents_, "tokyo");
  know(agent_in("london"));
  const Record test = start();
  deliver("tokyo", result_of(test));
  deliver("london", result_of(test));
  EXPECT_THAT(seen_.seen(test.id),
              ElementsAre("started", "london offline", "tokyo finished", "done"));
  EXPECT_EQ(state_of(test, "london"), CityState::kOffline);
}

TEST_F(DispatcherTest, StepsOfACityThatWentOfflineAreNoNews) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  progress(test, "tokyo", Phase::kWait);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline"));
}

TEST_F(DispatcherTest, OnlyTheTestsOfTheLostAgentWait) {
  connect_agent(agents_, "tokyo");
  connect_agent(agents_, "london");
  const Record test = start();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  deliver("london", result_of(test));
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline", "london finished"));
  turn(12s);
  EXPECT_TRUE(seen_.wait_finished(test.id));
}

TEST_F(DispatcherTest, AResultThatIsCommittedBeforeTheDeadlineIsStoredWins) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  store_.hold_writes();
  deliver("tokyo", result_of(test));
  turn(12s);
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 2; }));
  store_.release_writes();
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished", "done"));
}

TEST_F(DispatcherTest, ACityEndsForThoseWhoWatchEvenWhenThatCannotBeStored) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  store_.break_writes("the disk is full");
  dispatcher_.on_agent_lost("tokyo", Loss::kGoodbye);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo offline", "done"));
}

// ---- across runs of the collector

TEST_F(DispatcherTest, GoesOnWithATestOfAnEarlierRun) {
  Record test{
      "0k3v9x2m7qf5d", {.url = "https://a.example/"}, clock_.wall() - 1s, clock_.wall() + 11s, {}};
  test.cities = {{agent_in("tokyo"), CityState::kDispatched, {}, {}}};
  store_.put(test);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  deliver("tokyo", result_of(test));
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished", "done"));
}

// Regression: only tests with a city that had not ended at all were adopted.
TEST_F(DispatcherTest, GoesOnWithATestOfWhichACityLostItsAgent) {
  Record test{
      "0k3v9x2m7qf5d", {.url = "https://a.example/"}, clock_.wall() - 1s, clock_.wall() + 11s, {}};
  test.cities = {{agent_in("tokyo"), CityState::kOffline, 500ms, {}},
                 {agent_in("london"), CityState::kOffline, 0ms, {}}};
  store_.put(test);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  EXPECT_TRUE(dispatcher_.with_running(test.id, [](const Record& running) {
    EXPECT_TRUE(running.cities[0].awaited);
    EXPECT_FALSE(running.cities[1].awaited);
  }));
  deliver("tokyo", result_of(test));
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished", "done"));
}

TEST_F(DispatcherTest, AnAdoptedTestWaitsForALostAgentUntilTheDeadline) {
  Record test{
      "0k3v9x2m7qf5d", {.url = "https://a.example/"}, clock_.wall() - 1s, clock_.wall() + 11s, {}};
  test.cities = {{agent_in("tokyo"), CityState::kOffline, 500ms, {}}};
  store_.put(test);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  turn(11s);
  EXPECT_EQ(seen_.wait_finished(test.id)->cities.at(0).state, CityState::kOffline);
}

TEST_F(DispatcherTest, AnAdoptedTestKeepsItsDeadline) {
  Record test{
      "0k3v9x2m7qf5d", {.url = "https://a.example/"}, clock_.wall() - 60s, clock_.wall() - 48s, {}};
  test.cities = {{agent_in("tokyo"), CityState::kDispatched, {}, {}}};
  store_.put(test);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  EXPECT_EQ(seen_.wait_finished(test.id)->cities.at(0).state, CityState::kTimedOut);
}

TEST_F(DispatcherTest, AnAdoptedTestCountsFromItsDispatch) {
  Record test{
      "0k3v9x2m7qf5d", {.url = "https://a.example/"}, clock_.wall() - 60s, clock_.wall() - 48s, {}};
  test.cities = {{agent_in("tokyo"), CityState::kDispatched, {}, {}}};
  store_.put(test);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  EXPECT_EQ(seen_.wait_finished(test.id)->cities.at(0).elapsed, 12s);
}

TEST_F(DispatcherTest, AnAdoptedTestDoesNotOutliveItsLengthWhenTheDateWasSetBack) {
  Record test{"0k3v9x2m7qf5d",
              {.url = "https://a.example/"},
              clock_.wall() + 24h,
              clock_.wall() + 24h + 12s,
              {}};
  test.cities = {{agent_in("tokyo"), CityState::kDispatched, {}, {}}};
  store_.put(test);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  turn(12s);
  EXPECT_TRUE(seen_.wait_finished(test.id));
}

TEST_F(DispatcherTest, AdoptingTwiceIsAdoptingOnce) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  progress(test, "tokyo", Phase::kDns);
  ASSERT_TRUE(dispatcher_.adopt_unfinished());
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo dns"));
}

TEST_F(DispatcherTest, CannotAdoptWhenTheStoreCannotBeRead) {
  store_.break_reads();
  EXPECT_FALSE(dispatcher_.adopt_unfinished());
}

TEST_F(DispatcherTest, StopIsIdempotent) {
  dispatcher_.stop();
  dispatcher_.stop();
}

TEST_F(DispatcherTest, NoDeadlinePassesAfterStop) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.stop();
  turn(60s);
  EXPECT_EQ(state_of(test, "tokyo"), CityState::kDispatched);
}

// Regression: when the collector was restarted in good order, the end of its own streams made each
// city under way offline, and the results that the agents then sent again came too late.
TEST_F(DispatcherTest, AnAgentWhoseStreamEndsAfterStopIsNotLost) {
  connect_agent(agents_, "tokyo");
  const Record test = start();
  dispatcher_.stop();
  dispatcher_.on_agent_lost("tokyo", Loss::kConnection);
  EXPECT_EQ(state_of(test, "tokyo"), CityState::kDispatched);
  EXPECT_THAT(seen_.seen(test.id), ElementsAre("started"));
}

TEST_F(DispatcherTest, ManyTestsAtOnceKeepTheirResultsApart) {
  connect_agent(agents_, "tokyo");
  std::vector<Record> tests;
  tests.reserve(50);
  for (int i = 0; i < 50; ++i) tests.push_back(start());
  for (const Record& test : tests) deliver("tokyo", result_of(test));
  for (const Record& test : tests) {
    EXPECT_THAT(seen_.seen(test.id), ElementsAre("started", "tokyo finished", "done"));
  }
}

}  // namespace
}  // namespace firstbyte::collector
