#include "lab/health/options.h"

#include <gtest/gtest.h>

namespace firstbyte::health {
namespace {

using Arguments = std::vector<const char*>;

const Arguments kLeast{"--address",     "198.51.100.1:80", "--path",     "/healthz",
                       "--bird-socket", "/run/bird.ctl",   "--protocol", "any4"};

// With the flags that must be there.
Expected<HealthOptions> parse(const Arguments& more = {}) {
  Arguments arguments{"firstbyte-edge-health"};
  arguments.insert(arguments.end(), kLeast.begin(), kLeast.end());
  arguments.insert(arguments.end(), more.begin(), more.end());
  const auto parsed = parse_options(static_cast<int>(arguments.size()), arguments.data());
  if (!parsed) return std::unexpected(parsed.error());
  return std::get<HealthOptions>(*parsed);
}

std::string field_refused(const Arguments& more) {
  const auto parsed = parse(more);
  return parsed ? "accepted" : parsed.error().field;
}

TEST(HealthOptions, HaveDefaults) {
  const auto options = parse();
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->check.host, "198.51.100.1:80");
  EXPECT_EQ(options->check.path, "/healthz");
  EXPECT_EQ(options->check.timeout, std::chrono::milliseconds{1000});
  EXPECT_EQ(options->interval, std::chrono::milliseconds{200});
  EXPECT_EQ(options->fall, 2);
  EXPECT_EQ(options->rise, 3);
}

TEST(HealthOptions, TakeSeveralProtocols) {
  EXPECT_EQ(parse({"--protocol", "any6"})->protocols, (std::vector<std::string>{"any4", "any6"}));
}

TEST(HealthOptions, NameTheFlagThatIsWrong) {
  EXPECT_EQ(field_refused({"--protocol", "any6;down"}), "--protocol");
  const std::string sentence = parse({"--fall", "0"}).error().message;
  EXPECT_TRUE(sentence.starts_with("--fall")) << sentence;
}

TEST(HealthOptions, RefuseWhatMustBeThereButIsNot) {
  const Arguments nothing{"firstbyte-edge-health"};
  const auto parsed = parse_options(1, nothing.data());
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "--address is required");
}

}  // namespace
}  // namespace firstbyte::health
