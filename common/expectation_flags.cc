#include "common/expectation_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/algorithm/string/case_conv.hpp>
#include <utility>

#include "common/flag_values.h"
#include "common/utf8.h"

namespace firstbyte {
namespace {

constexpr std::int64_t kMaxMs = kMaxTimeoutOfSamples.count();

Micros from_millis(std::int64_t ms) { return std::chrono::milliseconds{ms}; }

Expected<> take_limits(const ExpectationFlags& flags, Target& target) {
  if (const auto checked = check_between("--timeout", flags.timeout_ms, kMinTimeout.count(),
                                         max_timeout(target).count(), " ms");
      !checked) {
    return checked;
  }
  target.timeout = from_millis(flags.timeout_ms);
  for (const std::string& text : flags.limits) {
    const auto equals = text.find('=');
    const auto phase = phase_from_string(std::string_view(text).substr(0, equals));
    const auto ms = equals == std::string::npos
                        ? std::nullopt
                        : whole_number(std::string_view(text).substr(equals + 1));
    if (!phase || !ms) {
      return invalid("--limit", fmt::format("{} is not PHASE=MS, such as tls=500; the phases are "
                                            "dns, connect, tls, wait and transfer",
                                            text));
    }
    if (const auto checked = check_between("--limit", *ms, 1, kMaxMs, " ms"); !checked) {
      return checked;
    }
    auto& limit = target.phase_limits.at(static_cast<std::size_t>(*phase));
    if (limit) return invalid("--limit", fmt::format("{} is given twice", to_string(*phase)));
    limit = from_millis(*ms);
  }
  return {};
}

Expected<StatusRange> understand_status(const std::string& text) {
  const auto dash = text.find('-');
  const auto least = whole_number(std::string_view(text).substr(0, dash));
  const auto most =
      dash == std::string::npos ? least : whole_number(std::string_view(text).substr(dash + 1));
  if (!least || !most) {
    return invalid(
        "--expect-status",
        fmt::format("{} is no status and no range of them, such as 200 or 200-299", text));
  }
  for (const std::int64_t status : {*least, *most}) {
    if (const auto checked = check_between("--expect-status", status, kLeastStatus, kMostStatus);
        !checked) {
      return std::unexpected(checked.error());
    }
  }
  if (*least > *most) {
    return invalid("--expect-status", fmt::format("{} ends before it begins", text));
  }
  return StatusRange{static_cast<int>(*least), static_cast<int>(*most)};
}

Expected<> take_expected_headers(const ExpectationFlags& flags, Expectations& expect) {
  for (const std::string& text : flags.headers) {
    auto [name, value] = split_header(text);
    if (!is_header_name(name)) {
      return invalid("--expect-header", fmt::format("\"{}\" is not a header name", to_utf8(name)));
    }
    if (value && !is_header_value(*value)) {
      return invalid("--expect-header",
                     fmt::format("the value of {} has a control character", name));
    }
    boost::algorithm::to_lower(name);
    expect.headers.push_back({std::move(name), std::move(value)});
  }
  if (expect.headers.size() > kMaxExpectedHeaders) {
    return invalid("--expect-header", fmt::format("{} headers are more than {}",
                                                  expect.headers.size(), kMaxExpectedHeaders));
  }
  return {};
}

Expected<> take_expected(const ExpectationFlags& flags, Expectations& expect) {
  if (flags.status) {
    const Expected<StatusRange> range = understand_status(*flags.status);
    if (!range) return std::unexpected(range.error());
    expect.status = *range;
  }
  if (const auto days = flags.certificate_days) {
    if (const auto checked = check_between("--expect-certificate-days", *days, kMinCertificateDays,
                                           kMaxCertificateDays);
        !checked) {
      return checked;
    }
    expect.certificate_days = static_cast<int>(*days);
  }
  if (const auto ms = flags.ttfb_ms) {
    if (const auto checked = check_between("--expect-ttfb", *ms, 1, kMaxMs, " ms"); !checked) {
      return checked;
    }
    expect.ttfb = from_millis(*ms);
  }
  return take_expected_headers(flags, expect);
}

}  // namespace

void declare_expectations(CLI::App& app, ExpectationFlags& flags) {
  const auto option = [&](const char* name, auto& value, const char* type, const char* what) {
    return app.add_option(name, value, what)->type_name(type)->group("What makes the probe fail");
  };
  option("--timeout", flags.timeout_ms, "MS",
         "time limit of a probe with all its samples, in\n"
         "milliseconds")
      ->capture_default_str();
  option("--limit", flags.limits, "PHASE=MS",
         "time limit of dns, connect, tls, wait or transfer;\n"
         "repeatable")
      ->allow_extra_args(false);
  option("--expect-status", flags.status, "N[-N]", "the answer's status, such as 200 or 200-299");
  option("--expect-header", flags.headers, "'NAME[: VALUE]'",
         "a header that the answer has, with this value if there\n"
         "is one; repeatable")
      ->allow_extra_args(false);
  option("--expect-certificate-days", flags.certificate_days, "N",
         "that the certificate is still valid, at least");
  option("--expect-ttfb", flags.ttfb_ms, "MS", "TTFB at most, in milliseconds");
}

Expected<> take_expectations(const ExpectationFlags& flags, Target& target) {
  if (const auto taken = take_limits(flags, target); !taken) return taken;
  return take_expected(flags, target.expect);
}

}  // namespace firstbyte
