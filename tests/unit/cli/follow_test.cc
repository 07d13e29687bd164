#include "cli/follow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/cli/view_examples.h"

namespace firstbyte::cli {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::SizeIs;

// Streams that end as they are told to, one after the other; the last one again and again.
class ScriptedStreams {
 public:
  struct Stream {
    std::string bytes;
    Expected<> end;
  };

  explicit ScriptedStreams(std::vector<Stream> streams) : streams_(std::move(streams)) {}

  Expected<TestView> follow_all() {
    return follow({.open = [this](const std::string& last_id, const auto& take) -> Expected<> {
                     const std::size_t at = std::min(resumed_.size(), streams_.size() - 1);
                     resumed_.push_back(last_id);
                     // In pieces, as a network has them.
                     for (const char byte : streams_[at].bytes) {
                       if (!take({&byte, 1})) return {};
                     }
                     return streams_[at].end;
                   },
                   .pause = [this](milliseconds time) { pauses_.push_back(time); }},
                  [this](const TestView&) { ++changes_; });
  }

  // The Last-Event-ID of each.
  const std::vector<std::string>& resumed() const { return resumed_; }
  const std::vector<milliseconds>& pauses() const { return pauses_; }
  int changes() const { return changes_; }

 private:
  const std::vector<Stream> streams_;
  std::vector<std::string> resumed_;
  std::vector<milliseconds> pauses_;
  int changes_ = 0;
};

std::string golden_events() { return fakes::read_text(fakes::golden_folder() / "api/events.sse"); }

const CityView& city_of(const TestView& test, std::string_view id) {
  return *std::ranges::find(test.cities, id, &CityView::agent_id);
}

TEST(Follow, EndsWithTheLastCity) {
  ScriptedStreams streams({{golden_events(), {}}});
  const auto test = streams.follow_all();
  ASSERT_TRUE(test) << test.error().message;
  EXPECT_EQ(city_of(*test, "tokyo").state, CityState::kTimedOut);
  EXPECT_EQ(city_of(*test, "tokyo").city, "Tokyo");
  EXPECT_EQ(streams.changes(), 3);
  EXPECT_THAT(streams.resumed(), ElementsAre(""));
}

TEST(Follow, GoesOnFromTheLastEventThatItSaw) {
  const std::string events = golden_events();
  const std::size_t cut = events.find("id: 5f3a-9");
  ScriptedStreams streams(
      {{events.substr(0, cut + 30), transient("cut")}, {events.substr(cut), {}}});
  ASSERT_TRUE(streams.follow_all());
  EXPECT_THAT(streams.resumed(), ElementsAre("", "5f3a-8"));
  EXPECT_THAT(streams.pauses(), SizeIs(1));
}

TEST(Follow, TakesAStreamThatEndsEarlyForACutOne) {
  const std::string events = golden_events();
  const std::size_t cut = events.find("id: 5f3a-10");
  ScriptedStreams streams({{events.substr(0, cut), {}}, {events.substr(cut), {}}});
  EXPECT_TRUE(streams.follow_all());
}

TEST(Follow, GivesUpWhereNothingComesAnyMore) {
  ScriptedStreams streams({{"", transient("nobody is there")}});
  const auto test = streams.follow_all();
  ASSERT_FALSE(test);
  EXPECT_EQ(test.error().message, "nobody is there");
  EXPECT_THAT(streams.resumed(), SizeIs(kStreamTries));
  EXPECT_THAT(streams.pauses(),
              ElementsAre(milliseconds{400}, milliseconds{800}, milliseconds{1600},
                          milliseconds{3200}, milliseconds{6400}));
}

TEST(Follow, DoesNotAskAgainWhereItWasRefused) {
  ScriptedStreams streams({{"", invalid("", "no such test")}});
  const auto test = streams.follow_all();
  ASSERT_FALSE(test);
  EXPECT_EQ(test.error().message, "no such test");
  EXPECT_THAT(streams.resumed(), SizeIs(1));
}

TEST(Follow, RefusesWhatIsNoTest) {
  for (const char* bytes : {"event: snapshot\ndata: {}\n\n", "event: snapshot\ndata: x\n\n",
                            "event: city\ndata: {\"agent_id\":\"a\",\"state\":\"wait\"}\n\n"}) {
    ScriptedStreams streams({ScriptedStreams::Stream{bytes, {}}});
    const auto test = streams.follow_all();
    ASSERT_FALSE(test) << bytes;
    EXPECT_EQ(test.error().field, "--collector");
    EXPECT_THAT(streams.resumed(), SizeIs(1));
  }
}

}  // namespace
}  // namespace firstbyte::cli
