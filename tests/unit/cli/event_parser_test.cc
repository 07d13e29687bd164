#include "cli/event_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/collector_golden.h"

namespace firstbyte::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<Event> events_of(std::string_view stream, std::size_t piece = std::string::npos) {
  EventParser parser;
  std::vector<Event> events;
  while (!stream.empty()) {
    const std::string_view bytes = stream.substr(0, piece);
    stream.remove_prefix(bytes.size());
    const auto completed = parser.feed(bytes);
    EXPECT_TRUE(completed);
    events.insert(events.end(), completed->begin(), completed->end());
  }
  return events;
}

TEST(EventParser, ReadsIdNameAndData) {
  EXPECT_THAT(events_of("id: 5-7\nevent: city\ndata: {}\n\n"),
              ElementsAre(Event{"5-7", "city", "{}"}));
}

TEST(EventParser, ReadsTheSameFromPiecesOfAnySize) {
  const std::string stream = fakes::read_text(fakes::golden_folder() / "api/events.sse");
  const std::vector<Event> whole = events_of(stream);
  ASSERT_EQ(whole.size(), 4U);
  for (const std::size_t piece : {1, 2, 3, 7, 100}) EXPECT_EQ(events_of(stream, piece), whole);
}

TEST(EventParser, TakesEachOfTheThreeLineEnds) {
  EXPECT_THAT(
      events_of("data: a\r\n\r\ndata: b\r\rdata: c\n\n", 1),
      ElementsAre(Event{"", "message", "a"}, Event{"", "message", "b"}, Event{"", "message", "c"}));
}

TEST(EventParser, JoinsLinesOfData) {
  EXPECT_THAT(events_of("data: a\ndata:b\ndata\n\n"), ElementsAre(Event{"", "message", "a\nb\n"}));
}

TEST(EventParser, PassesOverCommentsAndUnknownFields) {
  EXPECT_THAT(events_of(": quiet\n\nretry: 5\nother: x\n\n"), IsEmpty());
}

TEST(EventParser, KeepsTheIdForEventsThatTellNone) {
  EXPECT_THAT(events_of("id: 1\ndata: a\n\ndata: b\n\n"),
              ElementsAre(Event{"1", "message", "a"}, Event{"1", "message", "b"}));
}

TEST(EventParser, PassesOverAByteOrderMark) {
  EXPECT_THAT(events_of("\xef\xbb\xbf"
                        "data: a\n\n"),
              ElementsAre(Event{"", "message", "a"}));
}

TEST(EventParser, RefusesALineThatDoesNotEnd) {
  EventParser parser(10);
  EXPECT_TRUE(parser.feed("data: 1234"));
  const auto more = parser.feed("5");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, Error::Kind::kFatal);
}

TEST(EventParser, RefusesAnEventOfTooManyLines) {
  EventParser parser(20);
  EXPECT_TRUE(parser.feed("data: 1234\ndata: 1234\n"));
  EXPECT_FALSE(parser.feed("data: 1234567\n"));
}

}  // namespace
}  // namespace firstbyte::cli
