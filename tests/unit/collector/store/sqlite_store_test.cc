#include "collector/store/sqlite_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/fakes/collector_examples.h"
#include "tests/fakes/random_measurement.h"
#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SqliteStoreTest : public StoreTest {
 protected:
  // Through the file and back.
  ReceivedMeasurement round_trip(const ReceivedMeasurement& received) {
    EXPECT_TRUE(create(*store_, test_with("t1", {kNewYork})));
    EXPECT_TRUE(append(*store_, batch_of(kNewYork, {{1, received}})));
    reopen();
    return load("t1").cities.at(0).received.value();
  }
};

TEST_F(SqliteStoreTest, KeepsANewTestWithItsCitiesInOrder) {
  const auto test = test_with("t1", {kSaoPaulo, kNewYork});
  ASSERT_TRUE(create(*store_, test));
  EXPECT_EQ(load("t1"), test);
}

TEST_F(SqliteStoreTest, KeepsATestWithoutCities) {
  const auto test = test_with("t1", {});
  ASSERT_TRUE(create(*store_, test));
  EXPECT_EQ(load("t1"), test);
}

TEST_F(SqliteStoreTest, AnUnknownTestIsAbsent) {
  EXPECT_EQ(store_->load_test("nope").value(), std::nullopt);
}

TEST_F(SqliteStoreTest, RefusesASecondTestOfTheSameId) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  const auto again = create(*store_, test_with("t1", {kSaoPaulo}));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(again.error().message, "there is a test t1 already");
  EXPECT_EQ(load("t1"), test_with("t1", {kNewYork}));
}

TEST_F(SqliteStoreTest, RefusesATestThatChoosesAnAgentTwiceAndStoresNothingOfIt) {
  const auto twice = create(*store_, test_with("t1", {kNewYork, kNewYork}));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().message, "agent agent-ny is chosen twice");
  EXPECT_EQ(store_->load_test("t1").value(), std::nullopt);
}

TEST_F(SqliteStoreTest, KeepsEveryFieldOfAFinishedCity) {
  auto test = test_with("t1", {kNewYork});
  ASSERT_TRUE(create(*store_, test));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})));
  reopen();
  test.cities[0].state = CityState::kFinished;
  test.cities[0].elapsed = Micros{35'000};
  test.cities[0].received = finished("t1");
  EXPECT_EQ(load("t1"), test);
}

TEST_F(SqliteStoreTest, KeepsEveryFieldOfAFailedCity) {
  auto test = test_with("t1", {kNewYork});
  ASSERT_TRUE(create(*store_, test));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, failed("t1")}})));
  reopen();
  test.cities[0].state = CityState::kFailed;
  test.cities[0].elapsed = Micros{5'000'000};
  test.cities[0].received = failed("t1");
  EXPECT_EQ(load("t1"), test);
}

TEST_F(SqliteStoreTest, KeepsMeasurementsOfEveryShape) {
  fakes::RandomMeasurements random(20261123);
  ResultBatch batch = batch_of(kNewYork, {});
  for (std::uint64_t i = 1; i <= 300; ++i) {
    auto& received = batch.results.emplace_back(i, finished("")).received;
    received.measurement = random.next();
    received.measurement.test_id = std::to_string(i);
    ASSERT_TRUE(create(*store_, test_with(std::to_string(i), {kNewYork})));
  }
  ASSERT_TRUE(append(*store_, batch));
  reopen();
  for (const auto& [sequence, received] : batch.results) {
    ASSERT_EQ(load(std::to_string(sequence)).cities[0].received, received) << sequence;
  }
}

TEST_F(SqliteStoreTest, KeepsATargetWithAllThatWasAskedFor) {
  auto test = test_with("t1", {kNewYork});
  test.target = examples::sampled_test().target;
  ASSERT_TRUE(create(*store_, test));
  reopen();
  EXPECT_EQ(load("t1"), test);
  EXPECT_EQ(number("SELECT count(*) FROM test WHERE url = 'http://example.net/'"), 1);
}

TEST_F(SqliteStoreTest, ATargetFromElsewhereIsAnError) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  for (const char* target : {"", "7", "{", R"({"url": ""})"}) {
    execute(fmt::format("UPDATE test SET target = '{}'", target));
    const auto test = store_->load_test("t1");
    ASSERT_FALSE(test) << target;
    EXPECT_THAT(test.error().message, HasSubstr("test t1 cannot be read: "));
  }
}

TEST_F(SqliteStoreTest, WhatNoAverageMayMixIsInColumns) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}})));
  EXPECT_EQ(number("SELECT count(*) FROM result WHERE family = 'ipv6' AND reuse = 'warm' AND "
                   "loop_lag_us = 12000 AND overloaded"),
            1);
}

TEST_F(SqliteStoreTest, KeepsAFailureOutsideAnyPhase) {
  auto received = failed("t1");
  received.measurement.timings = Timings();
  received.measurement.failure = Failure{{}, Origin::kAgent, Cause::kOverloaded, ""};
  EXPECT_EQ(round_trip(received), received);
}

TEST_F(SqliteStoreTest, KeepsEveryCauseAndOrigin) {
  const std::vector origins{Origin::kTarget, Origin::kResolver, Origin::kNetwork, Origin::kAgent};
  for (int i = 0; i <= static_cast<int>(kLastCause); ++i) {
    const auto id = std::to_string(i);
    auto received = failed(id);
    received.measurement.failure->cause = static_cast<Cause>(i);
    received.measurement.failure->origin = origins[static_cast<std::size_t>(i) % origins.size()];
    ASSERT_TRUE(create(*store_, test_with(id, {kNewYork})));
    ASSERT_TRUE(
        append(*store_, batch_of(kNewYork, {{static_cast<std::uint64_t>(i) + 1, received}})));
    EXPECT_EQ(load(id).cities[0].received, received);
  }
}

TEST_F(SqliteStoreTest, KeepsIpv6Endpoints) {
  auto received = finished("t1");
  received.measurement.remote = Endpoint{"2001:db8::7", 8443};
  received.measurement.local = Endpoint{"fe80::1%eth0", 0};
  EXPECT_EQ(round_trip(received), received);
}

TEST_F(SqliteStoreTest, KeepsHeaderValuesThatAreNotUtf8) {
  auto received = finished("t1");
  received.measurement.headers = {{"latin", "caf\xe9"},
                                  {"quoted", "\"a\\b\"\t\x01"},
                                  {"nul", std::string("a\0b", 3)},
                                  {"utf8", "São"}};
  EXPECT_EQ(round_trip(received), received);
}

TEST_F(SqliteStoreTest, KeepsACertificateWithoutAnEnd) {
  auto received = finished("t1");
  received.measurement.tls->not_after = std::nullopt;
  EXPECT_EQ(round_trip(received), received);
}

TEST_F(SqliteStoreTest, KeepsAnEmptyDnsAnswerApartFromNone) {
  auto received = failed("t1");
  received.measurement.dns = DnsAnswer{};
  EXPECT_EQ(round_trip(received), received);
}

TEST_F(SqliteStoreTest, KeepsAZeroSpanApartFromAPhaseThatDidNotHappen) {
  auto received = failed("t1");
  PhaseSpans spans;
  spans[0] = Span{};
  received.measurement.timings = Timings::make(spans, Micros{0}).value();
  EXPECT_EQ(round_trip(received), received);
}

TEST_F(SqliteStoreTest, KeepsACityWhoseNameIsNotAscii) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kSaoPaulo})));
  EXPECT_EQ(load("t1").cities[0].agent, kSaoPaulo);
}

TEST_F(SqliteStoreTest, KeepsOfflineAndTimedOutCities) {
  auto test = test_with("t1", {kNewYork, kSaoPaulo});
  ASSERT_TRUE(create(*store_, test));
  ASSERT_TRUE(settle(*store_, {"t1", kNewYork.id, CityState::kOffline, Micros{12}}));
  ASSERT_TRUE(settle(*store_, {"t1", kSaoPaulo.id, CityState::kTimedOut, Micros{10'000'000}}));
  reopen();
  test.cities[0].state = CityState::kOffline;
  test.cities[0].elapsed = Micros{12};
  test.cities[1].state = CityState::kTimedOut;
  test.cities[1].elapsed = Micros{10'000'000};
  EXPECT_EQ(load("t1"), test);
}

TEST_F(SqliteStoreTest, ATestShowsItsAgentsAsTheyWereWhenItBegan) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  AgentIdentity moved = kNewYork;
  moved.city = "Los Angeles";
  ASSERT_TRUE(record(*store_, moved, "0.2.0", at(5)));
  ASSERT_TRUE(append(*store_, batch_of(moved, {{1, finished("t1")}})));
  EXPECT_EQ(load("t1").cities[0].agent, kNewYork);
  EXPECT_EQ(store_->agents().value().at(0).identity, moved);
}

TEST_F(SqliteStoreTest, UnfinishedTestsAreThoseWithACityUnderWay) {
  for (const char* id : {"done", "half", "new"}) {
    ASSERT_TRUE(create(*store_, test_with(id, {kNewYork, kSaoPaulo})));
  }
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("done")}, {2, failed("half")}})));
  ASSERT_TRUE(settle(*store_, {"done", kSaoPaulo.id, CityState::kOffline, Micros{1}}));
  reopen();
  const auto tests = store_->unfinished_tests(WallTime::max());
  ASSERT_TRUE(tests) << tests.error().message;
  EXPECT_THAT(*tests, ElementsAre(load("half"), load("new")));
}

// Regression: after a new start nobody waited for a city that had lost its agent, though its result
// still counted.
TEST_F(SqliteStoreTest, UnfinishedIsATestWhoseCityMayComeBackUntilTheDeadline) {
  auto test = test_with("t1", {kNewYork});
  test.deadline_at = at(1'700'000'012'000'000);
  ASSERT_TRUE(create(*store_, test));
  auto never = test_with("t2", {kNewYork});
  never.deadline_at = test.deadline_at;
  ASSERT_TRUE(create(*store_, never));
  ASSERT_TRUE(settle(*store_, {"t1", kNewYork.id, CityState::kOffline, Micros{1}}));
  // This one was never asked.
  ASSERT_TRUE(settle(*store_, {"t2", kNewYork.id, CityState::kOffline, Micros{0}}));
  EXPECT_THAT(store_->unfinished_tests(test.deadline_at - Micros{1}).value(),
              ElementsAre(load("t1")));
  EXPECT_THAT(store_->unfinished_tests(test.deadline_at).value(), testing::IsEmpty());
}

// Regression: a URL that may not be probed today kept the collector from starting, and its answer
// from being read.
TEST_F(SqliteStoreTest, ReadsTestsOfAUrlThatIsRefusedToday) {
  for (const char* id : {"done", "under-way"}) {
    ASSERT_TRUE(create(*store_, test_with(id, {kNewYork})));
  }
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("done")}})));
  close();
  execute(
      "UPDATE test SET url = 'http://127.1/', "
      "target = json_set(target, '$.url', 'http://127.1/', '$.family', 'ipv6')");
  open();
  EXPECT_EQ(load("done").target.url, "http://127.1/");
  EXPECT_EQ(load("done").cities.at(0).received, finished("done"));
  EXPECT_EQ(load("under-way").target.url, "http://127.1/");
  EXPECT_THAT(store_->unfinished_tests(WallTime::max()).value(), ElementsAre(load("under-way")));
}

TEST_F(SqliteStoreTest, UnfinishedTestsAreReadWithoutTheOneThatCannotBe) {
  for (const char* id : {"broken", "new"}) {
    ASSERT_TRUE(create(*store_, test_with(id, {kNewYork})));
  }
  close();
  execute("UPDATE test SET target = '[]' WHERE id = 'broken'");
  open();
  const auto broken = store_->load_test("broken");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().message, "test broken cannot be read: its target is not a JSON object");
  EXPECT_THAT(store_->unfinished_tests(WallTime::max()).value(), ElementsAre(load("new")));
}

TEST_F(SqliteStoreTest, UnfinishedTestsComeOldestFirst) {
  auto young = test_with("a-young", {kNewYork});
  auto old = test_with("b-old", {kNewYork});
  young.created_at = at(2);
  old.created_at = at(1);
  ASSERT_TRUE(create(*store_, young));
  ASSERT_TRUE(create(*store_, old));
  EXPECT_THAT(store_->unfinished_tests(WallTime::max()).value(), ElementsAre(old, young));
}

TEST_F(SqliteStoreTest, AgentsAreWhatTheySaidLast) {
  ASSERT_TRUE(record(*store_, kSaoPaulo, "0.1.0", at(10)));
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(20)));
  ASSERT_TRUE(record(*store_, kNewYork, "0.2.0", at(30)));
  const auto agents = store_->agents().value();
  ASSERT_EQ(agents.size(), 2U);
  EXPECT_EQ(agents[0].identity, kNewYork);
  EXPECT_EQ(agents[0].version, "0.2.0");
  EXPECT_EQ(agents[0].last_seen_at, at(30));
  EXPECT_EQ(agents[0].last_result_at, std::nullopt);
  EXPECT_EQ(agents[1].identity, kSaoPaulo);
}

TEST_F(SqliteStoreTest, AnAgentThatRepeatsItselfIsDescribedOnce) {
  ASSERT_TRUE(record(*store_, kSaoPaulo, "0.1.0", at(10)));
  ASSERT_TRUE(record(*store_, kSaoPaulo, "0.1.0", at(20)));
  EXPECT_EQ(number("SELECT count(*) FROM vantage"), 1);
}

TEST_F(SqliteStoreTest, LastSeenNeverGoesBack) {
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(20)));
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(10)));
  EXPECT_EQ(store_->agents().value().at(0).last_seen_at, at(20));
}

TEST_F(SqliteStoreTest, ResultsSayWhenTheAgentLastDelivered) {
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(20)));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}, {2, failed("")}})));
  const auto agent = store_->agents().value().at(0);
  EXPECT_EQ(agent.version, "0.1.0");
  EXPECT_EQ(agent.last_result_at, failed("").received_at);
  EXPECT_EQ(agent.last_seen_at, failed("").received_at);
}

TEST_F(SqliteStoreTest, AnAgentThatDeliversBeforeItsHelloIsKnown) {
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("")}})));
  const auto agents = store_->agents().value();
  ASSERT_EQ(agents.size(), 1U);
  EXPECT_EQ(agents[0].identity, kNewYork);
  EXPECT_EQ(agents[0].version, "");
}

TEST_F(SqliteStoreTest, ADamagedRowIsAnErrorThatNamesIt) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})));
  execute("UPDATE result SET tls_begin_us = 0");
  const auto test = store_->load_test("t1");
  ASSERT_FALSE(test);
  EXPECT_EQ(test.error().kind, Error::Kind::kFatal);
  EXPECT_THAT(test.error().message, HasSubstr("test t1 cannot be read: result 1: phase tls"));
}

TEST_F(SqliteStoreTest, ACauseFromElsewhereIsAnError) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, failed("t1")}})));
  execute("UPDATE result SET failure_cause = 'gremlins'");
  EXPECT_FALSE(store_->load_test("t1"));
}

TEST_F(SqliteStoreTest, AFinishedCityWithoutItsResultIsAnError) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  execute("UPDATE test_city SET state = 'finished', elapsed_us = 1");
  EXPECT_FALSE(store_->load_test("t1"));
}

TEST_F(SqliteStoreTest, AResultWhoseDetailIsNoLongerKeptStillLoads) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})));
  execute("DELETE FROM result_detail");
  const auto m = load("t1").cities.at(0).received.value().measurement;
  EXPECT_EQ(m.timings, whole_timings());
  EXPECT_TRUE(m.headers.empty());
}

}  // namespace
}  // namespace firstbyte::collector::store_test
