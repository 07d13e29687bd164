#include "cli/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "cli/json_parts.h"

namespace firstbyte::cli {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kFlags{{
    {"/url", "URL"},
    {"/agents", "--from"},
    {"/method", "--method"},
    {"/request_headers", "--header"},
    {"/body", "--body"},
    {"/http_version", "--http-version"},
    {"/family", "--family"},
    {"/connect_to", "--connect-to"},
    {"/resolver", "--resolver"},
    {"/max_redirects", "--redirects"},
    {"/samples", "--samples"},
    {"/reuse", "--reuse"},
    {"/timeout_ms", "--timeout"},
    {"/limits_ms", "--limit"},
    {"/expect/status", "--expect-status"},
    {"/expect/headers", "--expect-header"},
    {"/expect/certificate_days", "--expect-certificate-days"},
    {"/expect/ttfb_ms", "--expect-ttfb"},
    {"before", "BEFORE"},
    {"after", "AFTER"},
}};

bool may_pass(long status) { return status == 408 || status >= 500; }

}  // namespace

std::string_view flag_of(std::string_view field) {
  const auto leads_to = [&](std::string_view pointer) {
    return field == pointer ||
           (field.starts_with(pointer) && field.substr(pointer.size()).starts_with('/'));
  };
  const auto* found =
      std::ranges::find_if(kFlags, [&](const auto& flag) { return leads_to(flag.first); });
  return found == kFlags.end() ? std::string_view() : found->second;
}

Error problem_error(long status, std::string_view body, std::string_view retry_after) {
  const auto kind = may_pass(status) ? Error::Kind::kTransient : Error::Kind::kInvalid;
  const auto document = parse_object(body);
  std::string detail = document ? text_of(*document, "detail") : "";
  if (detail.empty()) {
    return {kind, fmt::format("answered with status {} and no reason; is it a collector?", status),
            "--collector"};
  }
  if (status == 429 && !retry_after.empty() && !detail.contains("try again")) {
    detail += fmt::format("; try again in {} s", retry_after);
  }
  if (status == 401) detail += " (FIRSTBYTE_TOKEN, or --token-file FILE)";
  const std::string field = text_of(*document, "field");
  const std::string_view flag = flag_of(field);
  return {kind, std::move(detail), flag.empty() ? field : std::string(flag)};
}

}  // namespace firstbyte::cli
