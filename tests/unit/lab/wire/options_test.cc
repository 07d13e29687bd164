#include "lab/wire/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace firstbyte::wire {
namespace {

Expected<std::variant<WireOptions, Printed>> parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "firstbyte-wire");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

TEST(WireOptions, TakeTheTwoFlags) {
  const auto parsed = parse({"--wires", "wires.json", "--control", "/run/control"});
  ASSERT_TRUE(parsed);
  const auto& options = std::get<WireOptions>(*parsed);
  EXPECT_EQ(options.wires, "wires.json");
  EXPECT_EQ(options.control, "/run/control");
}

TEST(WireOptions, NameTheFlagThatIsMissing) {
  const auto parsed = parse({"--wires", "wires.json"});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "--control is required");
}

}  // namespace
}  // namespace firstbyte::wire
