#include "collector/analysis/comparison.h"

#include <gmock/gmock.h>

#include "tests/fakes/collector_examples.h"

namespace firstbyte::comparison_test {
namespace {

using namespace collector;

using testing::ElementsAre;
using testing::Pair;

using Record = firstbyte::collector::Test;

// New York, answered by this edge with this status, all of it this much slower than the example.
TestCity answered(const std::string& edge, int status = 200, Micros slower = {}) {
  TestCity city{examples::new_york(), CityState::kFinished, Micros{34'110}, examples::answer()};
  Measurement& m = city.received->measurement;
  for (auto& [name, value] : m.headers) {
    if (name == "x-edge-route") value = edge;
  }
  m.status = status;
  PhaseSpans spans;
  for (const Phase phase : kPhases) {
    spans.at(static_cast<std::size_t>(phase)) = m.timings.span(phase);
  }
  auto& wait = spans.at(static_cast<std::size_t>(Phase::kWait));
  auto& transfer = spans.at(static_cast<std::size_t>(Phase::kTransfer));
  wait->end += slower;
  transfer->begin += slower;
  transfer->end += slower;
  m.timings = Timings::make(spans, m.timings.total() + slower).value();
  return city;
}
TestCity refused() {
  return {examples::new_york(), CityState::kFailed, Micros{21'230}, examples::refusal()};
}
TestCity offline() { return {examples::new_york(), CityState::kOffline, Micros{0}, {}}; }

TestCity of(const AgentIdentity& agent, TestCity city) {
  city.agent = agent;
  return city;
}

Record test_of(std::vector<TestCity> cities) {
  Record test = examples::finished_test();
  test.cities = std::move(cities);
  return test;
}

Change change_of(const TestCity& before, const TestCity& after) {
  const Record earlier = test_of({before});
  const Record later = test_of({after});
  return compare(earlier, later, builtin_edges()).cities.at(0).change;
}

TEST(Comparison, ACityThatAnotherEdgeAnswersHasMoved) {
  const Record before = test_of({answered("ny1")});
  const Record after = test_of({answered("la1")});
  const Comparison comparison = compare(before, after, builtin_edges());
  EXPECT_EQ(comparison.cities.at(0).change, Change::kMoved);
  EXPECT_EQ(comparison.cities.at(0).moved, true);
  EXPECT_EQ(comparison.moved(), 1U);
  EXPECT_EQ(comparison.count(Change::kMoved), 1U);
}

TEST(Comparison, TheEdgeIsTheOneThatTheOperatorsRulesName) {
  const auto with_pop = [](const std::string& pop) {
    TestCity city = answered("ny1");
    city.received->measurement.headers.emplace_back("x-pop", pop);
    return test_of({city});
  };
  const Record before = with_pop("east");
  const Record after = with_pop("west");
  EXPECT_EQ(compare(before, after, builtin_edges()).moved(), 0U);
  EXPECT_EQ(compare(before, after, EdgeRules({edge_rule("x-pop", "whole")})).moved(), 1U);
}

TEST(Comparison, SlowerAloneIsNoChange) {
  EXPECT_EQ(change_of(answered("ny1"), answered("ny1", 200, Micros{400'000})), Change::kUnchanged);
}

TEST(Comparison, WhoAnsweredIsNotKnownWithoutTheHeader) {
  TestCity unnamed = answered("");
  const Record before = test_of({answered("ny1")});
  const Record after = test_of({unnamed});
  const Comparison comparison = compare(before, after, builtin_edges());
  EXPECT_EQ(comparison.cities.at(0).moved, std::nullopt);
  EXPECT_EQ(comparison.cities.at(0).change, Change::kUnchanged);
}

TEST(Comparison, AnErrorPageIsAFailureWhoeverAnswersIt) {
  const Record before = test_of({answered("ny1")});
  const Record after = test_of({answered("la1", 503)});
  const Comparison comparison = compare(before, after, builtin_edges());
  EXPECT_EQ(comparison.cities.at(0).change, Change::kFailed);
  EXPECT_EQ(comparison.cities.at(0).moved, true);
  EXPECT_EQ(comparison.moved(), 1U);
}

TEST(Comparison, TellsWhatFailsFromWhatRecovered) {
  EXPECT_EQ(change_of(answered("ny1"), refused()), Change::kFailed);
  EXPECT_EQ(change_of(refused(), answered("ny1")), Change::kRecovered);
  EXPECT_EQ(change_of(refused(), refused()), Change::kUnchanged);
  EXPECT_EQ(change_of(answered("ny1", 503), answered("ny1")), Change::kRecovered);
}

TEST(Comparison, MissingDataIsNeitherFailedNorRecovered) {
  EXPECT_EQ(change_of(answered("ny1"), offline()), Change::kNoData);
  EXPECT_EQ(change_of(offline(), answered("ny1")), Change::kNoData);
  EXPECT_EQ(change_of(offline(), offline()), Change::kNoData);
}

TEST(Comparison, WhatTheAgentFailedAtTellsNothingOfTheTarget) {
  TestCity overloaded = refused();
  overloaded.received->measurement.failure =
      Failure{std::nullopt, Origin::kAgent, Cause::kOverloaded, "32 probes are under way already"};
  EXPECT_EQ(change_of(answered("ny1"), overloaded), Change::kNoData);
  EXPECT_EQ(change_of(overloaded, answered("ny1")), Change::kNoData);
  const Record before = test_of({answered("ny1")});
  const Record after = test_of({overloaded});
  EXPECT_TRUE(compare(before, after, builtin_edges()).statuses_after.empty());
}

TEST(Comparison, WhatIsStillUnderWayIsPending) {
  const TestCity under_way{examples::new_york(), CityState::kTls, Micros{900}, {}};
  EXPECT_EQ(change_of(answered("ny1"), under_way), Change::kPending);
  EXPECT_EQ(change_of(under_way, answered("ny1")), Change::kPending);
}

TEST(Comparison, CitiesOfOneTestAloneAreSaidToBe) {
  const Record before = test_of({answered("ny1"), of(examples::tokyo(), answered("hkg1"))});
  const Record after = test_of({of(examples::frankfurt(), answered("ams1")), answered("ny1")});
  const Comparison comparison = compare(before, after, builtin_edges());
  ASSERT_EQ(comparison.cities.size(), 3U);
  EXPECT_EQ(comparison.cities.at(0).change, Change::kBeforeOnly);
  EXPECT_EQ(comparison.cities.at(0).before->agent.id, "tokyo");
  EXPECT_EQ(comparison.cities.at(0).after, nullptr);
  EXPECT_EQ(comparison.cities.at(1).change, Change::kAfterOnly);
  EXPECT_EQ(comparison.cities.at(1).after->agent.id, "frankfurt");
  EXPECT_EQ(comparison.cities.at(2).change, Change::kUnchanged);
}

TEST(Comparison, WhatFailedComesFirstAndThenWhatMoved) {
  const Record before = test_of({answered("ny1"), of(examples::tokyo(), answered("hkg1")),
                                 of(examples::frankfurt(), answered("ams1"))});
  const Record after = test_of({answered("ny1"), of(examples::tokyo(), answered("szx1")),
                                of(examples::frankfurt(), refused())});
  std::vector<std::string> order;
  for (const CityComparison& city : compare(before, after, builtin_edges()).cities) {
    order.push_back(city.after->agent.id);
  }
  EXPECT_THAT(order, ElementsAre("frankfurt", "tokyo", "new-york"));
}

TEST(Comparison, EachTimeIsAfterLessBefore) {
  const Record before = test_of({answered("ny1")});
  const Record after = test_of({answered("la1", 200, Micros{197'000})});
  const Comparison comparison = compare(before, after, builtin_edges());
  const TimingsDelta& delta = comparison.cities.at(0).delta;
  const auto of = [&](Phase phase) { return delta.phases.at(static_cast<std::size_t>(phase)); };
  EXPECT_EQ(of(Phase::kDns), Micros{0});
  EXPECT_EQ(of(Phase::kWait), Micros{197'000});
  EXPECT_EQ(of(Phase::kTransfer), Micros{0});
  EXPECT_EQ(delta.other, Micros{0});
  EXPECT_EQ(delta.ttfb, Micros{197'000});
  EXPECT_EQ(delta.total, Micros{197'000});
}

TEST(Comparison, ATimeThatOneSideLacksHasNoDifference) {
  const Record before = test_of({answered("ny1")});
  const Record after = test_of({refused()});
  const Comparison comparison = compare(before, after, builtin_edges());
  const TimingsDelta& delta = comparison.cities.at(0).delta;
  EXPECT_TRUE(delta.phases.at(static_cast<std::size_t>(Phase::kConnect)));
  EXPECT_FALSE(delta.phases.at(static_cast<std::size_t>(Phase::kTls)));
  EXPECT_FALSE(delta.ttfb);
  EXPECT_TRUE(delta.total);
  const Record lost = test_of({offline()});
  EXPECT_EQ(compare(before, lost, builtin_edges()).cities.at(0).delta, TimingsDelta{});
}

TEST(Comparison, CountsTheStatusesOfWhatIsKnown) {
  const Record before = test_of({answered("ny1"), of(examples::tokyo(), answered("hkg1"))});
  const Record after = test_of({answered("ny1", 503), of(examples::tokyo(), refused()),
                                of(examples::frankfurt(), offline())});
  const Comparison comparison = compare(before, after, builtin_edges());
  EXPECT_THAT(comparison.statuses_before, ElementsAre(Pair(200, 2U)));
  EXPECT_THAT(comparison.statuses_after, ElementsAre(Pair(std::nullopt, 1U), Pair(503, 1U)));
}

TEST(Comparison, SaysWhetherTheSameWasAskedForInTheSameWay) {
  Record before = test_of({answered("ny1")});
  Record after = before;
  EXPECT_TRUE(compare(before, after, builtin_edges()).same_target);
  after.target.method = Method::kHead;
  EXPECT_FALSE(compare(before, after, builtin_edges()).same_target);
}

}  // namespace
}  // namespace firstbyte::comparison_test
