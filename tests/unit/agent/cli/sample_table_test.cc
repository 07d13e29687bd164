#include "agent/cli/sample_table.h"

#include <gtest/gtest.h>

#include "tests/unit/agent/cli/cli_examples.h"

namespace firstbyte::agent {
namespace {

// Answers whose first byte came after so many milliseconds.
Measurement samples_of(std::initializer_list<int> ttfbs) {
  Measurement m = examples::answer();
  for (const int ttfb : ttfbs) {
    Measurement& sample = m.samples.emplace_back(examples::answer());
    const Micros end = std::chrono::milliseconds{ttfb};
    sample.timings =
        Timings::make({std::nullopt, std::nullopt, std::nullopt, examples::span(0, end.count()),
                       examples::span(end.count(), end.count())},
                      end)
            .value();
  }
  return m;
}

TEST(SampleTable, IsNotThereForOne) {
  EXPECT_EQ(sample_table(examples::answer(), {}), "");
  EXPECT_EQ(sample_table(samples_of({1}), {}), "");
}

TEST(SampleTable, TellsTheMedianAndTheRange) {
  EXPECT_TRUE(sample_table(samples_of({30, 10, 20}), {})
                  .contains("cold: TTFB median 20.000 ms of 3, from 10.000 ms to 30.000 ms\n"));
}

TEST(SampleTable, HasAMedianThatWasMeasured) {
  EXPECT_TRUE(sample_table(samples_of({40, 10, 20, 30}), {}).contains("median 20.000 ms"));
}

TEST(SampleTable, MarksTheOneThatIsShown) {
  Measurement m = samples_of({10, 20});
  m.timings = m.samples[1].timings;
  const std::string text = sample_table(m, {});
  EXPECT_TRUE(text.contains("\n*   2 cold"));
  EXPECT_TRUE(text.contains("\n    1 cold"));
}

TEST(SampleTable, TakesNoMedianOfColdAndWarmTogether) {
  Measurement m = samples_of({30, 10, 20});
  for (std::size_t i = 1; i < 3; ++i) m.samples[i].reuse = Reuse::kWarm;
  const std::string text = sample_table(m, {});
  EXPECT_TRUE(text.contains("cold: TTFB 30.000 ms\n"));
  EXPECT_TRUE(text.contains("warm: TTFB median 10.000 ms of 2, from 10.000 ms to 20.000 ms\n"));
}

TEST(SampleTable, CountsThoseThatFailed) {
  Measurement m = samples_of({30, 10});
  m.samples[0].failure = Failure{Phase::kConnect, Origin::kTarget, Cause::kRefused, "refused"};
  m.samples[0].status.reset();
  const std::string text = sample_table(m, {});
  EXPECT_TRUE(text.contains("1 cold      -  failed in connect: refused (target)\n"));
  EXPECT_TRUE(text.contains("cold: TTFB 10.000 ms, 1 failed\n"));
  m.samples[1].failure = m.samples[0].failure;
  EXPECT_TRUE(sample_table(m, {}).contains("cold: TTFB -, 2 failed\n"));
}

// They are measured in turns.
TEST(SampleTable, PutsTheSamplesOfAFamilyTogether) {
  Measurement m = samples_of({10, 20, 30});
  m.samples[0].family = m.samples[2].family = Family::kIpv4;
  m.samples[1].family = Family::kIpv6;
  const std::string text = sample_table(m, {});
  EXPECT_LT(text.find("  ipv4\n"), text.find("  1 cold"));
  EXPECT_LT(text.find("  1 cold"), text.find("  3 cold"));
  EXPECT_LT(text.find("  3 cold"), text.find("  ipv6\n"));
  EXPECT_LT(text.find("  ipv6\n"), text.find("  2 cold"));
}

TEST(SampleTable, MarksWhatTheAgentsOwnClockSays) {
  Measurement m = samples_of({10, 20});
  Span wait = examples::span(0, 10'000);
  wait.clock = Span::Clock::kAgent;
  m.samples[0].timings =
      Timings::make({std::nullopt, std::nullopt, std::nullopt, wait, std::nullopt}, wait.end)
          .value();
  EXPECT_TRUE(sample_table(m, {}).contains("  ~10.000"));
}

}  // namespace
}  // namespace firstbyte::agent
