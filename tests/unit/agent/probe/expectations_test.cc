#include "agent/probe/expectations.h"

#include <gtest/gtest.h>

#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

constexpr auto kIndex = [](Phase phase) { return static_cast<std::size_t>(phase); };

// Of an answer whose first byte came after 120 ms.
Measurement answer() {
  PhaseSpans spans;
  spans[kIndex(Phase::kWait)] = Span{.begin = Micros{20'000}, .end = Micros{110'000}};
  spans[kIndex(Phase::kTransfer)] = Span{.begin = Micros{120'000}, .end = Micros{121'000}};
  Measurement measurement;
  measurement.measured_at = WallTime{std::chrono::seconds{1'790'000'000}};
  measurement.timings = Timings::make(spans, Micros{121'000}).value();
  measurement.status = 200;
  measurement.headers = {{"x-edge", "ny1"}, {"x-edge", "ny2"}, {"set-cookie", "<redacted>"}};
  measurement.tls.emplace().not_after =
      measurement.measured_at + std::chrono::days{30} - std::chrono::hours{1};
  return measurement;
}

void expect_met(const Expectations& expect) {
  const auto failure = unmet_expectation(expect, answer());
  EXPECT_FALSE(failure) << failure->message;
}

void expect_unmet(const Expectations& expect, std::optional<Phase> phase, Cause cause,
                  std::string_view message, const Measurement& measurement = answer()) {
  const auto failure = unmet_expectation(expect, measurement);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->phase, phase);
  EXPECT_EQ(to_string(failure->origin), "target");
  EXPECT_EQ(to_string(failure->cause), to_string(cause));
  EXPECT_EQ(failure->message, message);
}

TEST(Expectations, AreMetWhenThereAreNone) { expect_met({}); }

TEST(Expectations, AreMetByAStatusWithinTheRange) {
  expect_met({.status = StatusRange{200, 200}});
  expect_met({.status = StatusRange{200, 299}});
  expect_met({.status = StatusRange{100, 200}});
}

TEST(Expectations, SayWhichStatusWasExpected) {
  expect_unmet({.status = StatusRange{204, 204}}, std::nullopt, Cause::kUnexpectedStatus,
               "the status is 200, not 204");
  expect_unmet({.status = StatusRange{300, 399}}, std::nullopt, Cause::kUnexpectedStatus,
               "the status is 200, not between 300 and 399");
}

TEST(Expectations, AreMetByAHeaderThatIsThere) {
  expect_met({.headers = {{"x-edge", std::nullopt}}});
  expect_met({.headers = {{"X-Edge", std::nullopt}}});
  expect_met({.headers = {{"set-cookie", std::nullopt}}});
}

TEST(Expectations, AreMetByAnyOfTheHeadersOfThatName) {
  expect_met({.headers = {{"x-edge", "ny1"}, {"x-edge", "ny2"}}});
}

TEST(Expectations, SayWhichHeaderIsMissing) {
  expect_unmet({.headers = {{"x-cache", std::nullopt}}}, std::nullopt, Cause::kUnexpectedHeader,
               "the answer has no header 'x-cache'");
}

TEST(Expectations, SayThatAMissingHeaderMayNotHaveBeenKept) {
  Measurement measurement = answer();
  measurement.headers_truncated = true;
  expect_unmet({.headers = {{"x-cache", std::nullopt}}}, std::nullopt, Cause::kUnexpectedHeader,
               "the answer has no header 'x-cache' among those that were kept", measurement);
}

TEST(Expectations, CompareValuesExactly) {
  expect_unmet({.headers = {{"x-edge", "NY1"}}}, std::nullopt, Cause::kUnexpectedHeader,
               "the header 'x-edge' is 'ny1', not 'NY1'");
  expect_unmet({.headers = {{"x-edge", "ny"}}}, std::nullopt, Cause::kUnexpectedHeader,
               "the header 'x-edge' is 'ny1', not 'ny'");
}

TEST(Expectations, CannotCompareSecrets) {
  expect_unmet({.headers = {{"set-cookie", "a=b"}}}, std::nullopt, Cause::kUnexpectedHeader,
               "the value of the header 'set-cookie' is a secret that the agent does not keep, so "
               "it cannot be compared");
}

// What stands for a secret is not its value.
TEST(Expectations, TakeNoRedactedValueForTheOneExpected) {
  EXPECT_TRUE(unmet_expectation({.headers = {{"set-cookie", "<redacted>"}}}, answer()));
}

TEST(Expectations, PutNoMoreOfAValueIntoTheSentenceThanItCanHold) {
  Measurement measurement = answer();
  std::string value;
  for (int i = 0; i < 5'000; ++i) value += "é";
  measurement.headers = {{"x", value}};
  const auto failure =
      unmet_expectation({.headers = {{"x", std::string(5'000, '\xff')}}}, measurement);
  ASSERT_TRUE(failure);
  EXPECT_LT(failure->message.size(), 400U);
  EXPECT_TRUE(is_printable_utf8(failure->message));
  EXPECT_NE(failure->message.find("éé…', not '"), std::string::npos);
}

TEST(Expectations, CountTheDaysThatTheCertificateHasLeft) {
  expect_met({.certificate_days = 29});
  expect_unmet({.certificate_days = 30}, Phase::kTls, Cause::kCertificateExpiring,
               "the certificate expires in 29 days, not in 30 or more");
}

// Regression: an answer without TLS, such as a redirect leads to, met what was expected.
TEST(Expectations, AreNotMetWithoutACertificate) {
  Measurement measurement = answer();
  measurement.tls.reset();
  expect_unmet({.certificate_days = 1}, std::nullopt, Cause::kCertificateExpiring,
               "there is no certificate: the answer came without TLS", measurement);
}

// Regression: what nobody knew was good enough.
TEST(Expectations, AreNotMetByACertificateWhoseDateCannotBeRead) {
  Measurement measurement = answer();
  measurement.tls->not_after.reset();
  expect_unmet({.certificate_days = 1}, Phase::kTls, Cause::kCertificateExpiring,
               "the date at which the certificate expires could not be read, so nobody knows "
               "whether that is in 1 days or more",
               measurement);
}

TEST(Expectations, CompareTheTimeToTheFirstByte) {
  expect_met({.ttfb = Micros{120'000}});
  expect_unmet({.ttfb = Micros{119'999}}, Phase::kWait, Cause::kTooSlow,
               "the first byte came after 120.000 ms, not within 119.999 ms");
}

TEST(Expectations, TellOfTheFirstThatIsNotMet) {
  expect_unmet({.status = StatusRange{500, 599},
                .headers = {{"x-cache", std::nullopt}},
                .certificate_days = 30,
                .ttfb = Micros{1}},
               std::nullopt, Cause::kUnexpectedStatus,
               "the status is 200, not between 500 and 599");
  expect_unmet({.headers = {{"x-edge", "ny1"}, {"x-cache", std::nullopt}, {"x-edge", "ny3"}},
                .certificate_days = 30,
                .ttfb = Micros{1}},
               std::nullopt, Cause::kUnexpectedHeader, "the answer has no header 'x-cache'");
}

}  // namespace
}  // namespace firstbyte::agent
