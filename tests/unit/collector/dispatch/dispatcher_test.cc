#include "collector/dispatch/dispatcher.h"

#include <gmock/gmock.h>

#include <future>

#include "tests/fakes/collector_recorder.h"
#include "tests/fakes/collector_wait.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_store.h"
#include "tests/fakes/manual_clock.h"

namespace firstbyte::collector {
namespace {

using fakes::agent_in;
using fakes::connect_agent;
using fakes::eventually;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

using Record = firstbyte::collector::Test;
using Loss = Dispatcher::Loss;

// What an agent in New York, London or Tokyo measured.
ReceivedMeasurement result_of(const Record& test, std::optional<Failure> failure = {}) {
  ReceivedMeasurement received;
  received.measurement.test_id = test.id;
  received.measurement.url = test.target.url;
  received.measurement.timings = Timings::make({}, Micros{5'000}).value();
  received.measurement.failure = std::move(failure);
  return received;
}

std::vector<std::string> agents_of(const Record& test) {
  std::vector<std::string> ids;
  ids.reserve(test.cities.size());
  for (const TestCity& city : test.cities) ids.push_back(city.agent.id);
  return ids;
}

class DispatcherTest : public testing::Test {
 protected:
  // Known from an earlier connection, not connected now.
  void know(const AgentIdentity& agent) {
    store_.record_agent(agent, "0.1.0", clock_.wall(), [](const Expected<>&) {});
  }
  Record start(std::vector<std::string> agents = {}) {
    const Expected<Record> test =
        dispatcher_.start({{.url = "https://a.example/"}, std::move(agents)});
    EXPECT_TRUE(test) << test.error().message;
    return test.value_or(Record{});
  }
  Error refusal(std::vector<std::string> agents = {}) {
    const Expected<Record> test =
        dispatcher_.start({{.url = "https://a.example/"}, std::move(agents)});
    EXPECT_FALSE(test);
    return test ? Error{} : test.error();
  }
  // As the ingest does: stored first, told then.
  void deliver(const std::string& agent, const ReceivedMeasurement& received) {
    store_.append({agent_in(agent), 1, {{++sequence_, received}}},
                  [this, agent](const Expected<BatchCommit>& commit) {
                    for (const ReceivedMeasurement& settled : commit.value().settled) {
                      dispatcher_.on_settled(agent, settled);
                    }
                  });
  }
  void progress(const Record& test, const std::string& agent, Phase phase) {
    dispatcher_.on_progress(agent, test.id, phase, Micros{100});
  }
  // Time goes on, and whoever waits for it looks again.
  void turn(std::chrono::seconds by) {
    clock_.advance(by);
    EXPECT_TRUE(dispatcher_.adopt_unfinished());
  }
  CityState state_of(const Record& test, const std::string& agent) {
    const Record stored = store_.load_test(test.id).value().value();
    for (const TestCity& city : stored.cities) {
      if (city.agent.id == agent) return city.state;
    }
    return CityState::kDispatched;
  }

  fakes::FakeStore store_;
  fakes::ManualClock clock_;
  fakes::TestRecorder seen_;
  AgentRegistry agents_;
  std::uint64_t sequence_ = 0;
  Dispatcher dispatcher_{store_, agents_, seen_, clock_};
};

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
