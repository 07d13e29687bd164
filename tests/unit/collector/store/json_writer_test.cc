#include "collector/store/json_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdint>
#include <limits>

namespace firstbyte::collector {
namespace {

template <typename Value>
std::string written(const Value& value) {
  std::string text;
  JsonWriter json(text);
  json.value(value);
  return text;
}

TEST(JsonWriter, EscapesEveryByteAsBoostDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text{'a', static_cast<char>(byte), 'b', static_cast<char>(byte)};
    EXPECT_EQ(written(text), boost::json::serialize(boost::json::string(text))) << byte;
  }
}

TEST(JsonWriter, WritesPlainValues) {
  EXPECT_EQ(written(std::string()), R"("")");
  EXPECT_EQ(written(true), "true");
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(Micros{-5}), "-5");
  EXPECT_EQ(written(std::optional<int>()), "null");
}

TEST(JsonWriter, PutsCommasBetweenValues) {
  std::string text;
  JsonWriter json(text);
  json.open_array();
  json.open_object();
  json.close_object();
  json.open_object();
  json.member("a", 1);
  json.name("b");
  json.open_array();
  json.close_array();
  json.member("c", std::string("{["));
  json.member("d", std::string(":"));
  json.name("e");
  json.null();
  json.close_object();
  json.value(2);
  json.close_array();
  EXPECT_EQ(text, R"([{},{"a":1,"b":[],"c":"{[","d":":","e":null},2])");
}

}  // namespace
}  // namespace firstbyte::collector
