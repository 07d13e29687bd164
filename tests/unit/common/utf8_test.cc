#include "common/utf8.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

TEST(ToUtf8, LeavesUtf8AsItIs) {
  for (const char* text : {"", "plain", "São Paulo", "東京", "\xf0\x9f\x8c\x8d"})
    EXPECT_EQ(to_utf8(text), text);
}

TEST(ToUtf8, ReadsOtherBytesAsLatin1) {
  EXPECT_EQ(to_utf8("caf\xe9"), "café");
  EXPECT_EQ(to_utf8("\xe9t\xe9"), "été");
}

TEST(ToUtf8, MakesSpacesOfControlCharacters) {
  EXPECT_EQ(to_utf8(std::string_view("a\0b\tc\x1b[31m\x7f", 11)), "a b c [31m ");
}

TEST(ToUtf8, TakesNoSequenceThatUnicodeForbids) {
  EXPECT_EQ(to_utf8("\xc0\xaf"), "À¯");                           // overlong
  EXPECT_EQ(to_utf8("\xe0\x80\xaf"), "à\u0080¯");                 // overlong
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), "í\u00a0\u0080");            // surrogate
  EXPECT_EQ(to_utf8("\xf4\x90\x80\x80"), "ô\u0090\u0080\u0080");  // beyond the last character
  EXPECT_EQ(to_utf8("\xe6\x9d"), "æ\u009d");                      // cut short
}

TEST(IsPrintableUtf8, TakesWordsOfAnyLanguage) {
  for (const char* text : {"", "plain", "São Paulo", "東京"}) EXPECT_TRUE(is_printable_utf8(text));
}

TEST(IsPrintableUtf8, RefusesControlCharactersAndBrokenSequences) {
  for (const char* text : {"a\nb", "\x7f", "caf\xe9", "\xc0\xaf"}) {
    EXPECT_FALSE(is_printable_utf8(text)) << text;
  }
}

TEST(CutText, CutsBetweenCharacters) {
  EXPECT_EQ(cut_text("abc", 3), "abc");
  EXPECT_EQ(cut_text("abc", 2), "ab");
  EXPECT_EQ(cut_text("aé", 2), "a");
  EXPECT_EQ(cut_text("é", 0), "");
}

}  // namespace
}  // namespace firstbyte
