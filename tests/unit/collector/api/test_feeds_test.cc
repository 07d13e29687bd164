#include "collector/api/test_feeds.h"

#include <gmock/gmock.h>

#include "collector/api/test_json.h"
#include "tests/fakes/collector_examples.h"

namespace firstbyte::collector {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Record = firstbyte::collector::Test;

std::string line_of(const std::string& frame, const std::string& field) {
  const std::size_t at = frame.find(field + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + field.size() + 2;
  return frame.substr(begin, frame.find('\n', begin) - begin);
}

// "<id> <event>" of each frame that waits.
std::vector<std::string> take(EventSource& source) {
  std::vector<std::string> events;
  for (const auto& frame : source.take().frames) {
    events.push_back(line_of(*frame, "id") + " " + line_of(*frame, "event"));
  }
  return events;
}

class TestFeedsTest : public testing::Test {
 protected:
  void step(CityState state) {
    test_.cities.back().state = state;
    feeds_.city_changed(test_, test_.cities.back());
  }
  void finish() {
    step(CityState::kTimedOut);
    feeds_.test_finished(test_);
  }

  Record test_ = examples::running_test();
  TestFeeds feeds_{"run", examples::edge_rules()};
};

TEST_F(TestFeedsTest, AViewerGetsTheSnapshotThenEachStepThenTheEnd) {
  feeds_.test_started(test_);
  const auto viewer = feeds_.watch(test_);
  step(CityState::kWait);
  EXPECT_THAT(take(*viewer), ElementsAre("run-0 snapshot", "run-1 city"));
  finish();
  EXPECT_THAT(take(*viewer), ElementsAre("run-2 city", "run-3 done"));
}

TEST_F(TestFeedsTest, TheStreamEndsAfterTheEnd) {
  feeds_.test_started(test_);
  const auto viewer = feeds_.watch(test_);
  EXPECT_FALSE(viewer->take().ended);
  finish();
  EXPECT_TRUE(viewer->take().ended);
}

TEST_F(TestFeedsTest, ASnapshotHoldsTheTestAsItIs) {
  feeds_.test_started(test_);
  const auto viewer = feeds_.watch(test_);
  const auto frames = viewer->take().frames;
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(line_of(*frames[0], "data"), test_json(test_, examples::edge_rules()));
}

TEST_F(TestFeedsTest, ALateViewersSnapshotStandsForTheStepsBeforeIt) {
  feeds_.test_started(test_);
  step(CityState::kWait);
  step(CityState::kTransfer);
  EXPECT_THAT(take(*feeds_.watch(test_)), ElementsAre("run-2 snapshot"));
}

TEST_F(TestFeedsTest, AViewerThatWasCutOffGoesOnAfterWhatItHas) {
  feeds_.test_started(test_);
  step(CityState::kWait);
  step(CityState::kTransfer);
  const auto viewer = feeds_.resume(test_.id, "run-1");
  ASSERT_TRUE(viewer);
  EXPECT_THAT(take(*viewer), ElementsAre("run-2 city"));
}

TEST_F(TestFeedsTest, AViewerThatHasEverythingGetsNothingTwice) {
  feeds_.test_started(test_);
  step(CityState::kWait);
  EXPECT_THAT(take(*feeds_.resume(test_.id, "run-1")), IsEmpty());
}

TEST_F(TestFeedsTest, AViewerCanResumeAfterTheTestEnded) {
  feeds_.test_started(test_);
  step(CityState::kWait);
  finish();
  const auto viewer = feeds_.resume(test_.id, "run-1");
  ASSERT_TRUE(viewer);
  EXPECT_THAT(take(*viewer), ElementsAre("run-2 city", "run-3 done"));
}

TEST_F(TestFeedsTest, AnIdOfAnEarlierRunCannotBeResumed) {
  feeds_.test_started(test_);
  step(CityState::kWait);
  EXPECT_FALSE(feeds_.resume(test_.id, "before-1"));
}

TEST_F(TestFeedsTest, AnIdThatWasNotGivenYetCannotBeResumed) {
  feeds_.test_started(test_);
  EXPECT_FALSE(feeds_.resume(test_.id, "run-1"));
}

TEST_F(TestFeedsTest, NeitherGarbageNorNothingCanBeResumed) {
  feeds_.test_started(test_);
  for (const char* id : {"", "run", "run-", "run-x", "-1", "run--1", "run-99999999999999999999"}) {
    EXPECT_FALSE(feeds_.resume(test_.id, id)) << id;
  }
}

TEST_F(TestFeedsTest, AnUnknownTestCannotBeResumed) {
  EXPECT_FALSE(feeds_.resume("nosuchtest000", "run-0"));
}

TEST_F(TestFeedsTest, AFinishedTestFromTheStoreIsASnapshotAndTheEnd) {
  const auto viewer = feeds_.watch(examples::finished_test());
  const EventSource::Frames batch = viewer->take();
  ASSERT_EQ(batch.frames.size(), 2U);
  EXPECT_TRUE(batch.ended);
  EXPECT_EQ(line_of(*batch.frames[0], "event"), "snapshot");
  EXPECT_EQ(line_of(*batch.frames[0], "data"),
            test_json(examples::finished_test(), examples::edge_rules()));
  EXPECT_EQ(line_of(*batch.frames[1], "event"), "done");
  EXPECT_EQ(line_of(*batch.frames[1], "data"), done_json(examples::finished_test()));
}

TEST_F(TestFeedsTest, TheIdsOfAStoredTestCannotBeTakenForThoseOfALiveOne) {
  feeds_.test_started(test_);
  step(CityState::kWait);
  const auto stored = take(*feeds_.watch(examples::finished_test()));
  const std::string id = stored.at(0).substr(0, stored.at(0).find(' '));
  EXPECT_FALSE(feeds_.resume(test_.id, id));
}

// By what stands before the first dash the page knows that the collector was not restarted.
TEST_F(TestFeedsTest, TheIdsOfAStoredTestAreOfTheSameRun) {
  for (const std::string& event : take(*feeds_.watch(examples::finished_test()))) {
    EXPECT_EQ(event.substr(0, event.find('-')), "run");
  }
}

TEST_F(TestFeedsTest, TestsDoNotMix) {
  Record other = test_;
  other.id = "0000000000000";
  feeds_.test_started(test_);
  feeds_.test_started(other);
  const auto viewer = feeds_.watch(other);
  step(CityState::kWait);
  EXPECT_THAT(take(*viewer), ElementsAre("run-0 snapshot"));
}

TEST_F(TestFeedsTest, TheEventsOfTheLast64FinishedTestsAreKept) {
  for (int i = 0; i < 65; ++i) {
    Record test = examples::finished_test();
    test.id = "test-" + std::to_string(i);
    feeds_.test_started(test);
    feeds_.test_finished(test);
  }
  EXPECT_FALSE(feeds_.resume("test-0", "run-0"));
  EXPECT_TRUE(feeds_.resume("test-1", "run-0"));
  EXPECT_TRUE(feeds_.resume("test-64", "run-0"));
}

// Of results with many samples 64 tests would be most of a collector's memory.
TEST_F(TestFeedsTest, OfLargeTestsThoseOfTheLast32MebibytesAreKept) {
  for (int i = 0; i < 4; ++i) {
    Record test = examples::sampled_test();
    test.id = "test-" + std::to_string(i);
    test.cities.front().received->measurement.headers = {{"x", std::string(12'000'000, 'x')}};
    feeds_.test_started(test);
    feeds_.city_changed(test, test.cities.front());
    feeds_.test_finished(test);
  }
  EXPECT_FALSE(feeds_.resume("test-0", "run-0"));
  EXPECT_FALSE(feeds_.resume("test-1", "run-0"));
  EXPECT_TRUE(feeds_.resume("test-2", "run-0"));
  EXPECT_TRUE(feeds_.resume("test-3", "run-0"));
}

}  // namespace
}  // namespace firstbyte::collector
