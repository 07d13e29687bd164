#include "common/text_style.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

TEST(TextStyle, MillisecondsHaveThreePlaces) {
  EXPECT_EQ(millis_text(Micros{8'230}), "8.230 ms");
  EXPECT_EQ(millis_text(Micros{0}), "0.000 ms");
  EXPECT_EQ(millis_text(std::nullopt), "-");
}

TEST(TextStyle, AnEndpointIsWrittenAsInAUrl) {
  EXPECT_EQ(endpoint_text(Endpoint{"192.0.2.1", 443}), "192.0.2.1:443");
  EXPECT_EQ(endpoint_text(Endpoint{"2001:db8::1", 443}), "[2001:db8::1]:443");
  EXPECT_EQ(endpoint_text(std::nullopt), "-");
}

TEST(TextStyle, TextIsBrokenAtItsBlanks) {
  EXPECT_EQ(wrapped("one two three", 2, 9), "  one two\n  three\n");
  EXPECT_EQ(wrapped("one two three", 2, 15), "  one two three\n");
}

TEST(TextStyle, AWordThatIsTooLongIsLeftWhole) {
  EXPECT_EQ(wrapped("a /a/very/long/path b", 1, 8), " a\n /a/very/long/path\n b\n");
}

}  // namespace
}  // namespace firstbyte
