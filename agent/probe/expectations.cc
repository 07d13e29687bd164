#include "agent/probe/expectations.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "agent/probe/response_headers.h"
#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

Failure unmet(std::optional<Phase> phase, Cause cause, std::string message) {
  return {phase, Origin::kTarget, cause, std::move(message)};
}

// In quotation marks, as much of it as a sentence can hold.
std::string quoted(std::string_view text) {
  constexpr std::size_t kMost = 120;
  const std::string whole = to_utf8(text);
  std::string_view rest = whole;
  std::size_t kept = 0;
  while (kept < rest.size() && kept + utf8_length(rest.substr(kept)) <= kMost) {
    kept += utf8_length(rest.substr(kept));
  }
  return fmt::format("'{}{}'", rest.substr(0, kept), kept < rest.size() ? "…" : "");
}

std::optional<Failure> check_status(const StatusRange& range, const Measurement& measurement) {
  const int status = measurement.status.value_or(0);
  if (status >= range.least && status <= range.most) return std::nullopt;
  const std::string expected = range.least == range.most
                                   ? fmt::format("{}", range.least)
                                   : fmt::format("between {} and {}", range.least, range.most);
  return unmet(std::nullopt, Cause::kUnexpectedStatus,
               fmt::format("the status is {}, not {}", status, expected));
}

std::optional<Failure> check_header(const ExpectedHeader& expected,
                                    const Measurement& measurement) {
  const auto fail = [](std::string message) {
    return unmet(std::nullopt, Cause::kUnexpectedHeader, std::move(message));
  };
  std::vector<std::string_view> values;
  for (const auto& [name, value] : measurement.headers) {
    if (curl_strequal(name.c_str(), expected.name.c_str()) != 0) values.push_back(value);
  }
  const std::string name = quoted(expected.name);
  if (values.empty()) {
    return fail(fmt::format("the answer has no header {}{}", name,
                            measurement.headers_truncated ? " among those that were kept" : ""));
  }
  if (!expected.value) return std::nullopt;
  if (std::ranges::find(values, kRedacted) != values.end()) {
    return fail(
        fmt::format("the value of the header {} is a secret that the agent does not keep, so it "
                    "cannot be compared",
                    name));
  }
  if (std::ranges::find(values, *expected.value) != values.end()) return std::nullopt;
  return fail(fmt::format("the header {} is {}, not {}", name, quoted(values.front()),
                          quoted(*expected.value)));
}

std::optional<Failure> check_certificate(int days, const Measurement& measurement) {
  if (!measurement.tls) {
    return unmet(std::nullopt, Cause::kCertificateExpiring,
                 "there is no certificate: the answer came without TLS");
  }
  const auto fail = [](std::string message) {
    return unmet(Phase::kTls, Cause::kCertificateExpiring, std::move(message));
  };
  const std::optional<WallTime>& not_after = measurement.tls->not_after;
  if (!not_after) {
    return fail(
        fmt::format("the date at which the certificate expires could not be read, so nobody knows "
                    "whether that is in {} days or more",
                    days));
  }
  const Micros left = *not_after - measurement.measured_at;
  if (left >= std::chrono::days{days}) return std::nullopt;
  return fail(fmt::format("the certificate expires in {} days, not in {} or more",
                          std::chrono::floor<std::chrono::days>(left).count(), days));
}

std::optional<Failure> check_ttfb(Micros limit, const Measurement& measurement) {
  const std::optional<Micros> ttfb = measurement.timings.ttfb();
  if (!ttfb || *ttfb <= limit) return std::nullopt;
  const auto ms = [](Micros time) { return static_cast<double>(time.count()) / 1e3; };
  return unmet(
      Phase::kWait, Cause::kTooSlow,
      fmt::format("the first byte came after {:.3f} ms, not within {} ms", ms(*ttfb), ms(limit)));
}

}  // namespace

std::optional<Failure> unmet_expectation(const Expectations& expect,
                                         const Measurement& measurement) {
  std::optional<Failure> failure;
  if (expect.status) failure = check_status(*expect.status, measurement);
  for (const ExpectedHeader& header : expect.headers) {
    if (!failure) failure = check_header(header, measurement);
  }
  if (!failure && expect.certificate_days) {
    failure = check_certificate(*expect.certificate_days, measurement);
  }
  if (!failure && expect.ttfb) failure = check_ttfb(*expect.ttfb, measurement);
  return failure;
}

}  // namespace firstbyte::agent
