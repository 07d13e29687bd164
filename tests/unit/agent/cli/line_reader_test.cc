#include "agent/cli/line_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firstbyte::agent {
namespace {

// Every line of what comes in these pieces.
std::vector<Line> lines_of(const std::vector<std::string>& pieces) {
  LineReader reader;
  std::vector<Line> lines;
  const auto take_all = [&] {
    while (auto line = reader.next()) lines.push_back(*line);
  };
  for (const std::string& piece : pieces) {
    reader.feed(piece);
    take_all();
  }
  reader.end();
  take_all();
  return lines;
}

std::vector<std::string> texts_of(const std::vector<std::string>& pieces) {
  std::vector<std::string> texts;
  for (const Line& line : lines_of(pieces)) texts.push_back(line.text);
  return texts;
}

using Texts = std::vector<std::string>;

TEST(LineReader, CutsAtLineEnds) { EXPECT_EQ(texts_of({"a\nb\n"}), (Texts{"a", "b"})); }

TEST(LineReader, NumbersLinesFromOne) {
  const auto lines = lines_of({"a\n", "\nb\n"});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0].number, 1U);
  EXPECT_EQ(lines[2].number, 3U);
}

TEST(LineReader, JoinsWhatComesInPieces) {
  EXPECT_EQ(texts_of({"htt", "p://", "a/\nb", "\n"}), (Texts{"http://a/", "b"}));
}

TEST(LineReader, TakesWhatFollowsTheLastLineEndAsALine) {
  EXPECT_EQ(texts_of({"a\nb"}), (Texts{"a", "b"}));
}

TEST(LineReader, GivesNothingForNothing) { EXPECT_TRUE(lines_of({}).empty()); }

TEST(LineReader, KeepsBlankLines) { EXPECT_EQ(texts_of({"\n\na"}), (Texts{"", "", "a"})); }

TEST(LineReader, TakesWindowsLineEnds) { EXPECT_EQ(texts_of({"a\r\nb\r\n"}), (Texts{"a", "b"})); }

TEST(LineReader, KeepsALineOfTheGreatestLength) {
  const auto lines = lines_of({std::string(LineReader::kMaxLine, 'x') + "\n"});
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_FALSE(lines[0].too_long);
  EXPECT_EQ(lines[0].text.size(), LineReader::kMaxLine);
}

TEST(LineReader, CutsALongerLineAndSaysSo) {
  const auto lines = lines_of({std::string(LineReader::kMaxLine + 1, 'x') + "\nb\n"});
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].too_long);
  EXPECT_EQ(lines[0].text.size(), LineReader::kMaxLine);
  EXPECT_EQ(lines[1].text, "b");
  EXPECT_FALSE(lines[1].too_long);
}

TEST(LineReader, IsNotFilledByALineWithoutEnd) {
  const auto lines = lines_of(std::vector<std::string>(100, std::string(10'000, 'x')));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].too_long);
  EXPECT_EQ(lines[0].text.size(), LineReader::kMaxLine);
}

}  // namespace
}  // namespace firstbyte::agent
