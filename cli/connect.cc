#include "cli/connect.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/private_file.h"

namespace firstbyte::cli {
namespace {

// A header's value, and nothing that could begin another header.
Expected<std::string> checked_token(std::string token, const std::string& whence) {
  constexpr std::size_t kLongest = 512;
  while (token.ends_with('\n') || token.ends_with('\r') || token.ends_with(' ')) token.pop_back();
  const bool fit = !token.empty() && token.size() <= kLongest &&
                   std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7f'; });
  if (fit) return token;
  return invalid(whence, "what is there is no API token");
}

Expected<std::string> find_token(const CollectorOptions& options,
                                 const std::string& of_environment) {
  if (!options.token_file.empty()) {
    Expected<std::string> content = read_private_file(options.token_file, "--token-file");
    if (!content) return content;
    return checked_token(*std::move(content), "--token-file");
  }
  if (of_environment.empty()) return std::string();
  return checked_token(of_environment, kTokenVariable);
}

}  // namespace

Expected<CollectorAccess> find_collector(const CollectorOptions& options,
                                         const Environment& environment,
                                         const std::vector<TestReference>& tests) {
  Expected<std::string> token = find_token(options, environment.token);
  if (!token) return std::unexpected(token.error());
  std::string collector;
  const std::string& given = options.collector.empty() ? environment.collector : options.collector;
  if (!given.empty()) {
    Expected<std::string> parsed = parse_collector(given);
    if (!parsed) return std::unexpected(parsed.error());
    collector = *std::move(parsed);
  }
  const bool named = !collector.empty();
  for (const TestReference& test : tests) {
    if (test.collector.empty() || test.collector == collector) continue;
    if (!collector.empty()) {
      return invalid("--collector", fmt::format("the test {} is at {}, not at {}", test.id,
                                                test.collector, collector));
    }
    collector = test.collector;
  }
  if (collector.empty()) collector = kDefaultCollector;
  if (!named && !token->empty() && collector != kDefaultCollector) {
    return invalid("--collector",
                   fmt::format("say it, since an API token would be shown to {}", collector));
  }
  return CollectorAccess{std::move(collector), *std::move(token), options.ca_file};
}

}  // namespace firstbyte::cli
