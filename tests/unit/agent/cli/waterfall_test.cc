#include "agent/cli/waterfall.h"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/fakes/collector_golden.h"
#include "tests/unit/agent/cli/cli_examples.h"

namespace firstbyte::agent {
namespace {

std::string line_with(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.contains(word)) return line;
  }
  return "";
}

TEST(Waterfall, OfAnAnswerLooksLikeItsGolden) {
  fakes::expect_golden("cli/waterfall.txt", waterfall(examples::answer(), {.unicode = true}));
}

TEST(Waterfall, InAsciiLooksLikeItsGolden) {
  fakes::expect_golden("cli/waterfall-ascii.txt", waterfall(examples::answer(), {}));
}

TEST(Waterfall, OfAFailureLooksLikeItsGolden) {
  fakes::expect_golden("cli/waterfall-refused.txt", waterfall(examples::refused(), {}));
}

TEST(Waterfall, OfRedirectsAndSamplesLooksLikeItsGolden) {
  fakes::expect_golden("cli/waterfall-samples.txt", waterfall(examples::samples(), {}));
}

TEST(Waterfall, FitsItsColumns) {
  for (const Measurement& m : {examples::answer(), examples::refused(), examples::samples()}) {
    std::istringstream lines(waterfall(m, {}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(Waterfall, HasATimeAxisAsWideAsThereIsRoom) {
  for (const std::size_t width : {60U, 80U, 160U}) {
    EXPECT_EQ(line_with(waterfall(examples::answer(), {.width = width}), "  total ").size(), width);
  }
}

TEST(Waterfall, HasColoursOnlyWhenAskedTo) {
  EXPECT_FALSE(waterfall(examples::refused(), {}).contains('\x1b'));
  EXPECT_TRUE(waterfall(examples::refused(), {.colour = true}).contains('\x1b'));
}

TEST(Waterfall, ShowsAPhaseHoweverShort) {
  Measurement m = examples::answer();
  m.timings = Timings::make({examples::span(0, 0), examples::span(0, 1), std::nullopt, std::nullopt,
                             std::nullopt},
                            std::chrono::seconds{10})
                  .value();
  const std::string text = waterfall(m, {});
  EXPECT_TRUE(line_with(text, "  dns ").contains('#'));
  EXPECT_TRUE(line_with(text, "  connect ").contains('#'));
}

TEST(Waterfall, ShowsTheLastMomentWithinTheAxis) {
  Measurement m = examples::answer();
  m.timings = Timings::make({std::nullopt, std::nullopt, std::nullopt, examples::span(0, 100),
                             examples::span(100, 100)},
                            Micros{100})
                  .value();
  EXPECT_EQ(line_with(waterfall(m, {}), "  transfer ").size(), 80U);
}

TEST(Waterfall, HasNoBarsWhereNothingHappened) {
  Measurement m;
  m.failure = Failure{std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed, "not allowed"};
  m.timings = Timings::make({}, Micros{5}).value();
  const std::string text = waterfall(m, {});
  EXPECT_FALSE(text.contains("total"));
  EXPECT_TRUE(text.contains("failed: address_not_allowed (agent)"));
}

TEST(Waterfall, LetsNothingFromOutsideSteerTheTerminal) {
  Measurement m = examples::answer();
  m.url = "http://a/\x1b[2J";
  m.headers = {{"x", "\x1b]0;title\x07"}};
  m.dns->cnames = {"\x1b[31m"};
  m.tls->subject = "\x1b[31m";
  EXPECT_FALSE(waterfall(m, {}).contains('\x1b'));
}

TEST(Waterfall, TellsWhereOtherWasSpent) {
  Measurement m = examples::answer();
  Span tls = examples::span(300, 900);
  tls.own = Micros{150};
  m.timings =
      Timings::make({std::nullopt, examples::span(100, 200), tls, std::nullopt, std::nullopt},
                    Micros{1'000})
          .value();
  EXPECT_TRUE(waterfall(m, {.width = 160})
                  .contains("not the network's; in ms: 0.100 before connect, 0.100 before tls, "
                            "0.150 within tls, 0.100 at the end\n"));
}

TEST(Waterfall, TellsHowTheLookupWentOn) {
  Measurement m = examples::answer();
  m.dns->over_tcp = true;
  EXPECT_TRUE(waterfall(m, {}).contains("resolver    192.0.2.53:53, by TCP\n"));
  EXPECT_FALSE(waterfall(m, {}).contains("records"));
  m.dns->omitted = 3'800;
  EXPECT_TRUE(waterfall(m, {}).contains("  (3800 more records came than are kept)\n"));
}

TEST(Waterfall, TellsWhatWasReused) {
  Measurement m = examples::answer();
  m.reuse = Reuse::kResumed;
  m.tls->resumed = true;
  const std::string text = waterfall(m, {});
  EXPECT_TRUE(text.contains("reuse       resumed\n"));
  EXPECT_TRUE(line_with(text, "  tls     ").contains("ms"));
  EXPECT_TRUE(text.contains("TLS_AES_256_GCM_SHA384, resumed\n"));
}

TEST(Waterfall, SaysThatTheBodyWasNotReadToItsEnd) {
  Measurement m = examples::answer();
  m.body_bytes = 65'536;
  m.body_truncated = true;
  EXPECT_TRUE(waterfall(m, {}).contains("body        65536 bytes, then reading stopped\n"));
}

TEST(Waterfall, SaysThatTheControlFailed) {
  Measurement m = examples::answer();
  m.self_check.value().control =
      ControlCheck{"https://control.example/", m.measured_at, {}, Cause::kTimeout};
  EXPECT_TRUE(
      line_with(waterfall(m, {}), "control.example").contains("/, failed: timeout, 2026-11-23T"));
}

TEST(Waterfall, SaysThatHeadersAreMissing) {
  Measurement m = examples::answer();
  m.headers_truncated = true;
  EXPECT_TRUE(waterfall(m, {}).contains("(more headers came than are kept)"));
}

TEST(Waterfall, SaysThatACertificateHasExpired) {
  Measurement m = examples::answer();
  m.tls->not_after = m.measured_at - std::chrono::hours{1};
  EXPECT_TRUE(line_with(waterfall(m, {}), "not after").contains("(expired)"));
}

}  // namespace
}  // namespace firstbyte::agent
