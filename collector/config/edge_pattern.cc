#include "collector/config/edge_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <memory>

#include "common/utf8.h"

namespace firstbyte::collector {

Expected<EdgeRule> pattern_rule(std::string_view header, const std::string& pattern) {
  if (pattern.empty() || pattern.size() > kMostPatternBytes || !is_printable_utf8(pattern)) {
    return invalid({}, fmt::format("must be 1 to {} bytes of printable text", kMostPatternBytes));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  const auto expression = std::make_shared<const RE2>(pattern, options);
  if (!expression->ok()) {
    return invalid({}, fmt::format("is no regular expression: {}", expression->error()));
  }
  if (expression->NumberOfCapturingGroups() != 1) {
    return invalid({},
                   "needs exactly one group, which is the edge; (?:…) groups without being one");
  }
  EdgeRule rule;
  rule.header = header;
  rule.pattern = pattern;
  rule.extract = [expression](std::string_view value) -> std::string_view {
    re2::StringPiece edge;
    if (!RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), *expression, &edge)) {
      return {};
    }
    return {edge.data(), edge.size()};
  };
  return rule;
}

}  // namespace firstbyte::collector
