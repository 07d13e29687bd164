#include "cli/printable.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace firstbyte::cli {
namespace {

TEST(Printable, LeavesTextAsItIs) {
  EXPECT_EQ(printable("São Paulo, 上海, ny1"), "São Paulo, 上海, ny1");
}

TEST(Printable, SpellsOutWhatATerminalObeys) {
  EXPECT_EQ(printable("a\x1b[31mb\r\n\x7f"), "a\\x1b[31mb\\x0d\\x0a\\x7f");
}

// In UTF-8 the C1 control characters are two bytes; some terminals begin a sequence at U+009B.
TEST(Printable, SpellsOutControlCharactersOfTwoBytes) {
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m\xc2\x80"),
            "\\u009b31m\\u0080");
}

TEST(Printable, SpellsOutWhatTurnsTheDirectionOfWriting) {
  EXPECT_EQ(printable("\u202egnp.exe\u2066\u200f"), "\\u202egnp.exe\\u2066\\u200f");
}

TEST(Printable, SpellsOutBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("a\xff\xc3(\xe2\x82"), "a\\xff\\xc3(\\xe2\\x82");
}

TEST(PrintableJson, MeansWhatItMeantBefore) {
  const std::string hostile = "{\"edge\":\"\xc2\x9b\u202e\x7f\"}";
  const std::string safe = printable_json(hostile);
  EXPECT_EQ(safe, "{\"edge\":\"\\u009b\\u202e\\u007f\"}");
  EXPECT_EQ(boost::json::parse(safe), boost::json::parse(hostile));
}

}  // namespace
}  // namespace firstbyte::cli
