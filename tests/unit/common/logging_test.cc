#include "common/logging.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

namespace firstbyte {
namespace {

TEST(Logging, TakesEachLevelItNames) {
  for (const char* level : {"trace", "debug", "info", "warn", "error"}) {
    EXPECT_TRUE(start_logging(level)) << level;
  }
}

TEST(Logging, HoldsBackWhatIsBelowTheLevel) {
  ASSERT_TRUE(start_logging("warn"));
  EXPECT_FALSE(spdlog::should_log(spdlog::level::info));
  EXPECT_TRUE(spdlog::should_log(spdlog::level::warn));
  ASSERT_TRUE(start_logging("info"));
}

TEST(Logging, WritesOneLineAnEventInUtcToStandardError) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(start_logging("info"));
  spdlog::info("an event");
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(testing::internal::RE::PartialMatch(
      line, "^[0-9]+-[0-9]+-[0-9]+T[0-9]+:[0-9]+:[0-9]+\\.[0-9]+Z info an event\n$"))
      << line;
}

TEST(Logging, RefusesOtherLevelsAndNamesTheFlag) {
  for (const char* level : {"", "off", "critical", "loud", "INFO"}) {
    const auto started = start_logging(level);
    ASSERT_FALSE(started) << level;
    EXPECT_EQ(started.error().field, "--log-level");
    EXPECT_EQ(started.error().kind, Error::Kind::kInvalid);
    EXPECT_EQ(started.error().message,
              std::string(level) + " is not one of trace, debug, info, warn, error");
  }
}

}  // namespace
}  // namespace firstbyte
