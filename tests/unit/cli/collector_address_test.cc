#include "cli/collector_address.h"

#include <gtest/gtest.h>

namespace firstbyte::cli {
namespace {

TEST(CollectorAddress, HasNoSlashAtItsEnd) {
  EXPECT_EQ(parse_collector("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(parse_collector("https://probes.example.net/firstbyte//"),
            "https://probes.example.net/firstbyte");
}

TEST(CollectorAddress, IsRefusedByItsFlag) {
  for (const char* text : {"", "127.0.0.1:8080", "ftp://a/", "http://user@a/", "http://a/?b=c"}) {
    const auto parsed = parse_collector(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().field, "--collector");
  }
}

TEST(TestReference, IsAnIdOrAnAddressThatEndsInOne) {
  const auto id = parse_test_reference("0k3v9x2m7qf5d", "TEST");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->id, "0k3v9x2m7qf5d");
  EXPECT_EQ(id->collector, "");
  for (const char* text :
       {"https://a.example/x/tests/0k3v9x2m7qf5d", "https://a.example/x/tests/0k3v9x2m7qf5d/?a=b#c",
        "https://a.example/x/api/v1/tests/0k3v9x2m7qf5d"}) {
    const auto address = parse_test_reference(text, "TEST");
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->id, "0k3v9x2m7qf5d");
    EXPECT_EQ(address->collector, "https://a.example/x");
  }
}

// What is no id would be a part of the path that is asked for.
TEST(TestReference, IsNothingElse) {
  for (const char* text : {"", "../agents", "a b", "a?b", "https://a.example/", "A1",
                           "https://a.example/tests/", "https://a.example/tests/a/events"}) {
    const auto parsed = parse_test_reference(text, "BEFORE");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().field, "BEFORE");
  }
}

TEST(CollectorAddress, LeadsToThePages) {
  EXPECT_EQ(test_page("http://a", "1b"), "http://a/tests/1b");
  EXPECT_EQ(comparison_page("http://a", "1b", "2c"), "http://a/compare/1b/2c");
}

}  // namespace
}  // namespace firstbyte::cli
