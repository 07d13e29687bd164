#include "cli/collector_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/target_url.h"

namespace firstbyte::cli {
namespace {

constexpr std::size_t kLongestId = 64;

std::string_view without_slash(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool is_test_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}

Expected<std::string> parse_collector(std::string_view text) {
  const Expected<TargetUrl> url = parse_target_url(text);
  if (!url) return invalid("--collector", url.error().message);
  if (url->text.contains('?')) return invalid("--collector", "its URL has no query");
  return std::string(without_slash(url->text));
}

Expected<TestReference> parse_test_reference(std::string_view text, const std::string& what) {
  if (is_test_id(text)) return TestReference{std::string(text), {}};
  const auto refuse = [&] {
    return invalid(what, fmt::format("{} is neither the id of a test nor an address that ends in "
                                     "/tests/ID",
                                     text));
  };
  const Expected<TargetUrl> url = parse_target_url(text);
  if (!url) return refuse();
  constexpr std::string_view kTests = "/tests/";
  constexpr std::string_view kApi = "/api/v1";
  const std::string_view address =
      without_slash(std::string_view(url->text).substr(0, url->text.find('?')));
  const std::size_t at = address.rfind(kTests);
  if (at == std::string_view::npos || !is_test_id(address.substr(at + kTests.size())))
    return refuse();
  std::string_view collector = address.substr(0, at);
  if (collector.ends_with(kApi)) collector.remove_suffix(kApi.size());
  return TestReference{std::string(address.substr(at + kTests.size())),
                       std::string(without_slash(collector))};
}

std::string test_page(const std::string& collector, const std::string& id) {
  return fmt::format("{}/tests/{}", collector, id);
}

std::string comparison_page(const std::string& collector, const std::string& before,
                            const std::string& after) {
  return fmt::format("{}/compare/{}/{}", collector, before, after);
}

}  // namespace firstbyte::cli
