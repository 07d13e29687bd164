#include "collector/drills/judgement.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/collector/drills/drill_examples.h"

namespace firstbyte::collector::judgement_test {
namespace {

using drill_examples::after_baseline;
using drill_examples::kInjected;

class JudgementTest : public testing::Test {
 protected:
  Judgement judged(std::string_view line,
                   std::vector<std::pair<std::string, std::string>> courses) {
    std::vector<std::string> ids;
    slots_.clear();
    for (auto& [id, letters] : courses) {
      slots_.push_back(after_baseline(letters, id));
      ids.push_back(id);
    }
    std::vector<DrilledCity> cities;
    for (const CitySlots& city : slots_) cities.push_back({&city, recovery_of(city, kInjected)});
    const auto hypotheses = parse_hypotheses(line, ids);
    EXPECT_TRUE(hypotheses) << hypotheses.error().message;
    return judge(hypotheses->at(0), cities, kInjected);
  }

  Verdict verdict(std::string_view line, std::vector<std::pair<std::string, std::string>> courses) {
    return judged(line, std::move(courses)).verdict;
  }

 private:
  std::vector<CitySlots> slots_;
};

TEST_F(JudgementTest, AvailabilityIsTheShareOfTheSlots) {
  const Judgement judgement = judged("availability >= 80%", {{"a", "nnnnnnnnxx"}});
  EXPECT_EQ(judgement.verdict, Verdict::kHolds);
  EXPECT_EQ(judgement.measured, (Reading{80, 80}));
  EXPECT_EQ(verdict("availability > 80%", {{"a", "nnnnnnnnxx"}}), Verdict::kBroken);
}

TEST_F(JudgementTest, WhatIsMissingLeavesALineOpenOnlyIfItCouldTurnIt) {
  EXPECT_EQ(verdict("availability >= 90%", {{"a", "nnnnnnnn--"}}), Verdict::kNotMeasured);
  EXPECT_EQ(verdict("availability >= 70%", {{"a", "nnnnnnnn--"}}), Verdict::kHolds);
  EXPECT_EQ(verdict("availability >= 90%", {{"a", "nnnnxxxx--"}}), Verdict::kBroken);
  EXPECT_EQ(verdict("failed_probes <= 3", {{"a", "nnnnnxx--n"}}), Verdict::kNotMeasured);
}

TEST_F(JudgementTest, APercentileCountsTheSlotsThatHadNoAnswer) {
  EXPECT_EQ(verdict("ttfb_p95 <= 300ms", {{"a", "nnnnnnnnnn"}}), Verdict::kHolds);
  EXPECT_EQ(verdict("ttfb_p95 <= 300ms", {{"a", "nnnnnnnnnx"}}), Verdict::kBroken);
  EXPECT_EQ(verdict("ttfb_p50 <= 300ms", {{"a", "nnnnnnnnnx"}}), Verdict::kHolds);
  EXPECT_EQ(verdict("ttfb_p95 <= 300ms", {{"a", "nnnnnnnnns"}}), Verdict::kNotMeasured);
}

TEST_F(JudgementTest, TheSlowestRerouteCounts) {
  EXPECT_EQ(verdict("reroute <= 5s", {{"a", "nxxlllll"}, {"b", "nnnnnnnn"}}), Verdict::kHolds);
  EXPECT_EQ(verdict("reroute <= 300ms", {{"a", "nxxxlllll"}}), Verdict::kBroken);
  EXPECT_EQ(verdict("reroute <= 5s", {{"a", "nxxlllll"}, {"b", "nxxxxxxx"}}), Verdict::kBroken);
}

TEST_F(JudgementTest, ABoundWithinTheResolutionIsNotMeasured) {
  // 831 ms, give or take a slot of 200 ms.
  EXPECT_EQ(verdict("reroute <= 900ms", {{"a", "nxxlllll"}}), Verdict::kNotMeasured);
}

TEST_F(JudgementTest, WhereNobodyMovedNoRerouteWasMeasured) {
  const Judgement judgement = judged("reroute <= 5s", {{"a", "nnnnnnnn"}});
  EXPECT_EQ(judgement.verdict, Verdict::kNotMeasured);
  EXPECT_FALSE(judgement.measured);
}

TEST_F(JudgementTest, CitiesOfWhichNothingIsKnownMayBeEither) {
  EXPECT_EQ(verdict("unaffected_cities >= 1", {{"a", "nnnnnnnn"}, {"b", "--------"}}),
            Verdict::kHolds);
  EXPECT_EQ(verdict("unaffected_cities >= 2", {{"a", "nnnnnnnn"}, {"b", "--------"}}),
            Verdict::kNotMeasured);
  EXPECT_EQ(verdict("unaffected_cities >= 2", {{"a", "nnnnnnnn"}, {"b", "nxnnnnnn"}}),
            Verdict::kBroken);
  EXPECT_EQ(verdict("moved_cities == 1", {{"a", "nllllll"}, {"b", "nnnnnnn"}}), Verdict::kHolds);
  EXPECT_EQ(verdict("moved_cities == 2", {{"a", "nllllll"}, {"b", "-------"}}),
            Verdict::kNotMeasured);
}

TEST_F(JudgementTest, WhereACityWentToIsJudgedByItAlone) {
  EXPECT_EQ(verdict("moved_to(a) in [ams1, la1]", {{"a", "nxlllll"}, {"b", "nnnnnnn"}}),
            Verdict::kHolds);
  EXPECT_EQ(verdict("moved_to(b) in [ams1, la1]", {{"a", "nxlllll"}, {"b", "nnnnnnn"}}),
            Verdict::kBroken);
  EXPECT_EQ(verdict("moved_to(a) in [la1]", {{"a", "-------"}}), Verdict::kNotMeasured);
}

TEST_F(JudgementTest, AnOutageMayHideWhereNothingWasSeen) {
  EXPECT_EQ(verdict("outage <= 300ms", {{"a", "nn-nnnnn"}}), Verdict::kHolds);
  EXPECT_EQ(verdict("outage <= 300ms", {{"a", "nn---nnn"}}), Verdict::kNotMeasured);
  EXPECT_EQ(verdict("outage <= 300ms", {{"a", "nnxxxnnn"}}), Verdict::kBroken);
}

TEST(Overall, OneBrokenLineBreaksIt) {
  const Judgement holds{Verdict::kHolds, {}};
  const Judgement broken{Verdict::kBroken, {}};
  const Judgement open{Verdict::kNotMeasured, {}};
  EXPECT_EQ(overall({holds, holds}), Verdict::kHolds);
  EXPECT_EQ(overall({holds, open}), Verdict::kNotMeasured);
  EXPECT_EQ(overall({open, broken}), Verdict::kBroken);
}

}  // namespace
}  // namespace firstbyte::collector::judgement_test
