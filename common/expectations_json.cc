#include "common/expectations_json.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/url/grammar/ci_string.hpp>

#include "common/json_members.h"
#include "common/measurement_json.h"

namespace firstbyte {
namespace {

namespace json = boost::json;

Expected<> take_status(const json::value& value, const std::string& pointer, Expectations& expect) {
  if (value.is_null()) return {};
  const json::array* range = value.if_array();
  if (range != nullptr && range->size() != 2) {
    return invalid(pointer, "the expected status must be a number or [least, most]");
  }
  StatusRange& status = expect.status.emplace();
  const json::value& least = range != nullptr ? range->at(0) : value;
  const json::value& most = range != nullptr ? range->at(1) : value;
  for (const auto& [number, part] : {std::pair{&least, &status.least}, {&most, &status.most}}) {
    auto taken = take_int(*number, pointer, "an expected status", kLeastStatus, kMostStatus, *part);
    if (!taken) return taken;
  }
  if (status.least <= status.most) return {};
  return invalid(pointer, "the range of the expected status is upside down");
}

Expected<> take_expected_headers(const json::value& value, const std::string& pointer,
                                 Expectations& expect) {
  if (!value.is_object()) {
    return invalid(pointer, "the expected headers must be an object of names and values");
  }
  if (value.get_object().size() > kMaxExpectedHeaders) {
    return invalid(pointer,
                   fmt::format("there are more than {} expected headers", kMaxExpectedHeaders));
  }
  for (const auto& [key, expected] : value.get_object()) {
    const std::string at = pointer_to(pointer, view(key));
    ExpectedHeader& header = expect.headers.emplace_back();
    header.name = view(key);
    std::ranges::transform(header.name, header.name.begin(), boost::urls::grammar::to_lower);
    if (!is_header_name(header.name) || header.name.size() > kMaxHeaderNameBytes) {
      return invalid(at, "this is not the name of a header");
    }
    if (std::ranges::count(expect.headers, header.name, &ExpectedHeader::name) > 1) {
      return invalid(at, fmt::format("the header {} is expected twice", header.name));
    }
    if (expected.is_null()) continue;
    const auto wanted = take_text(expected, at, "the value of an expected header");
    if (!wanted) return std::unexpected(wanted.error());
    if (!is_header_value(*wanted) || wanted->size() > kMaxExpectedValueBytes) {
      return invalid(at, fmt::format("the value of an expected header has at most {} bytes and no "
                                     "control character",
                                     kMaxExpectedValueBytes));
    }
    header.value = *wanted;
  }
  return {};
}

constexpr std::array<Member<Expectations>, 4> kExpectations{{
    {"status", take_status},
    {"headers", take_expected_headers},
    {"certificate_days",
     [](const json::value& value, const std::string& pointer, Expectations& expect) -> Expected<> {
       if (value.is_null()) return {};
       return take_int(value, pointer, "the certificate's days", kMinCertificateDays,
                       kMaxCertificateDays, expect.certificate_days.emplace());
     }},
    {"ttfb_ms",
     [](const json::value& value, const std::string& pointer, Expectations& expect) {
       return take_limit(value, pointer, "the expected TTFB in milliseconds", expect.ttfb);
     }},
}};

json::value status_value(const std::optional<StatusRange>& status) {
  if (!status) return nullptr;
  if (status->least == status->most) return status->least;
  return json::array{status->least, status->most};
}

}  // namespace

Expected<> take_expectations(const json::value& value, const std::string& pointer,
                             Expectations& expect) {
  if (!value.is_object()) return invalid(pointer, "what is expected must be an object");
  return take_members<Expectations>(value.get_object(), pointer, kExpectations, expect);
}

json::object expectations_value(const Expectations& expect) {
  json::object headers;
  for (const ExpectedHeader& header : expect.headers) {
    headers[header.name] =
        header.value ? json::value(json_text(*header.value)) : json::value(nullptr);
  }
  return {{"status", status_value(expect.status)},
          {"headers", std::move(headers)},
          {"certificate_days",
           expect.certificate_days ? json::value(*expect.certificate_days) : json::value(nullptr)},
          {"ttfb_ms", ms_value(expect.ttfb)}};
}

}  // namespace firstbyte
