#include "collector/api/event_log.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace firstbyte::collector {
namespace {

std::vector<std::string> texts(const EventSource::Frames& batch) {
  std::vector<std::string> texts;
  for (const auto& frame : batch.frames) texts.push_back(*frame);
  return texts;
}

// `states` events for each of `cities` keys, city by city in turn.
void append_states(EventLog& log, int cities, int states) {
  for (int state = 0; state < states; ++state) {
    for (int city = 0; city < cities; ++city) {
      log.append("city", fmt::format("\"c{}-s{}\"", city, state), fmt::format("c{}", city));
    }
  }
}

TEST(EncodeEvent, EndsWithABlankLine) {
  EXPECT_EQ(*encode_event("5f3a-7", "city", "{}"), "id: 5f3a-7\nevent: city\ndata: {}\n\n");
}

TEST(EncodeEvent, MakesAFieldOfEachLineOfData) {
  EXPECT_EQ(*encode_event("e-1", "x", "{\n}"), "id: e-1\nevent: x\ndata: {\ndata: }\n\n");
}

TEST(EventLog, NumbersEventsFromOne) {
  const auto log = std::make_shared<EventLog>("5f3a");
  EXPECT_EQ(log->last_id(), 0U);
  log->append("city", "{}");
  log->append("city", "{}");
  EXPECT_EQ(log->last_id(), 2U);
  EXPECT_EQ(log->id(2), "5f3a-2");
}

TEST(EventLog, GivesAViewerItsFirstFramesAndThenWhatFollows) {
  const auto log = std::make_shared<EventLog>("e");
  log->append("city", "1");
  log->append("city", "2");
  const auto view = log->view({encode_event("e-1", "snapshot", "{}")}, 1);
  EXPECT_EQ(texts(view->take()), (std::vector<std::string>{"id: e-1\nevent: snapshot\ndata: {}\n\n",
                                                           "id: e-2\nevent: city\ndata: 2\n\n"}));
}

TEST(EventLog, GivesEachFrameToAViewerOnce) {
  const auto log = std::make_shared<EventLog>("e");
  const auto view = log->view({encode_event("e-0", "snapshot", "{}")}, 0);
  EXPECT_EQ(view->take().frames.size(), 1U);
  log->append("city", "1");
  EXPECT_EQ(view->take().frames.size(), 1U);
  EXPECT_EQ(view->take().frames.size(), 0U);
}

TEST(EventLog, SharesOneEncodingAmongAllViewers) {
  const auto log = std::make_shared<EventLog>("e");
  log->append("city", "1");
  EXPECT_EQ(log->view({}, 0)->take().frames.at(0), log->view({}, 0)->take().frames.at(0));
}

TEST(EventLog, ResumesAfterAnIdOfItsOwn) {
  const auto log = std::make_shared<EventLog>("a-b");
  log->append("city", "1");
  EXPECT_EQ(log->resume_point("a-b-0"), 0U);
  EXPECT_EQ(log->resume_point("a-b-1"), 1U);
}

TEST(EventLog, DoesNotResumeAfterAnIdThatIsNotItsOwn) {
  const auto log = std::make_shared<EventLog>("e");
  log->append("city", "1");
  for (const char* id :
       {"", "e", "e-", "e-2", "e-1x", "e--1", "e- 1", "f-1", "1", "e-99999999999999999999999999"}) {
    EXPECT_EQ(log->resume_point(id), std::nullopt) << id;
  }
}

TEST(EventLog, SaysThatItEndedWithTheLastFrames) {
  const auto log = std::make_shared<EventLog>("e");
  const auto view = log->view({}, 0);
  log->append("done", "{}");
  EXPECT_FALSE(view->take().ended);
  log->end();
  EXPECT_TRUE(view->take().ended);
  EXPECT_TRUE(log->view({}, 0)->take().ended);
}

TEST(EventLog, AppendsNothingAfterItsEnd) {
  const auto log = std::make_shared<EventLog>("e");
  log->end();
  log->append("city", "{}");
  EXPECT_EQ(log->last_id(), 0U);
}

TEST(EventLog, GivesEveryFrameToAViewerThatIsNotFarBehind) {
  const auto log = std::make_shared<EventLog>("e");
  append_states(*log, 2, EventLog::kCoalesceBeyond / 2);
  EXPECT_EQ(log->view({}, 0)->take().frames.size(), EventLog::kCoalesceBeyond);
}

TEST(EventLog, GivesOnlyTheNewestOfEachKeyToAViewerThatIsFarBehind) {
  const auto log = std::make_shared<EventLog>("e");
  append_states(*log, 2, 40);
  EXPECT_EQ(texts(log->view({}, 0)->take()),
            (std::vector<std::string>{"id: e-79\nevent: city\ndata: \"c0-s39\"\n\n",
                                      "id: e-80\nevent: city\ndata: \"c1-s39\"\n\n"}));
}

TEST(EventLog, NeverLeavesOutFramesWithoutAKey) {
  const auto log = std::make_shared<EventLog>("e");
  log->append("note", "{}");
  append_states(*log, 1, 100);
  log->append("done", "{}");
  const auto view = log->view({encode_event("e-0", "snapshot", "{}")}, 0);
  EXPECT_EQ(
      texts(view->take()),
      (std::vector<std::string>{
          "id: e-0\nevent: snapshot\ndata: {}\n\n", "id: e-1\nevent: note\ndata: {}\n\n",
          "id: e-101\nevent: city\ndata: \"c0-s99\"\n\n", "id: e-102\nevent: done\ndata: {}\n\n"}));
}

TEST(EventLog, WakesItsViewersOnEachEventAndAtItsEnd) {
  const auto log = std::make_shared<EventLog>("e");
  const auto view = log->view({}, 0);
  int calls = 0;
  view->on_ready([&] { ++calls; });
  log->append("city", "1");
  log->end();
  EXPECT_EQ(calls, 2);
}

TEST(EventLog, DoesNotWakeAViewerThatIsGone) {
  const auto log = std::make_shared<EventLog>("e");
  int calls = 0;
  auto view = log->view({}, 0);
  view->on_ready([&] { ++calls; });
  view.reset();
  log->append("city", "1");
  EXPECT_EQ(calls, 0);
}

TEST(EventLog, LosesNothingWhenItIsReadWhileItGrows) {
  constexpr std::uint64_t kEvents = 20'000;
  const auto log = std::make_shared<EventLog>("e");
  const auto view = log->view({}, 0);
  std::atomic<int> calls = 0;
  view->on_ready([&] { ++calls; });
  std::jthread writer([&] {
    for (std::uint64_t i = 0; i < kEvents; ++i) log->append("city", "1");
    log->end();
  });
  std::uint64_t seen = 0;
  for (bool ended = false; !ended;) {
    const auto batch = view->take();
    seen += batch.frames.size();
    ended = batch.ended;
  }
  writer.join();
  EXPECT_EQ(seen, kEvents);
  EXPECT_EQ(calls, kEvents + 1);
}

}  // namespace
}  // namespace firstbyte::collector
