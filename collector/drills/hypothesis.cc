#include "collector/drills/hypothesis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/algorithm/string/trim.hpp>
#include <charconv>
#include <cmath>
#include <optional>
#include <ranges>
#include <utility>

namespace firstbyte::collector {
namespace {

enum class Unit : std::uint8_t { kPercent, kTime, kCount, kEdges };
enum class Scope : std::uint8_t { kAllOrOne, kAll, kOne };

struct MetricName {
  std::string_view name;
  Metric metric;
  Unit unit;
  Scope scope;
  double percentile = 0;
};

constexpr std::array kMetricNames{
    MetricName{"availability", Metric::kAvailability, Unit::kPercent, Scope::kAllOrOne},
    MetricName{"ttfb_p50", Metric::kTtfb, Unit::kTime, Scope::kAllOrOne, 50},
    MetricName{"ttfb_p95", Metric::kTtfb, Unit::kTime, Scope::kAllOrOne, 95},
    MetricName{"ttfb_p99", Metric::kTtfb, Unit::kTime, Scope::kAllOrOne, 99},
    MetricName{"reroute", Metric::kReroute, Unit::kTime, Scope::kAllOrOne},
    MetricName{"outage", Metric::kOutage, Unit::kTime, Scope::kAllOrOne},
    MetricName{"failed_probes", Metric::kFailedProbes, Unit::kCount, Scope::kAllOrOne},
    MetricName{"moved_cities", Metric::kMovedCities, Unit::kCount, Scope::kAll},
    MetricName{"unaffected_cities", Metric::kUnaffectedCities, Unit::kCount, Scope::kAll},
    MetricName{"moved_to", Metric::kMovedTo, Unit::kEdges, Scope::kOne},
};

// Longer ones before those that they begin with.
constexpr std::array<std::pair<std::string_view, Relation>, 5> kRelations{{
    {">=", Relation::kAtLeast},
    {"<=", Relation::kAtMost},
    {"==", Relation::kEquals},
    {">", Relation::kMoreThan},
    {"<", Relation::kLessThan},
}};

bool is_blank(char byte) { return byte == ' ' || byte == '\t' || byte == '\r'; }
bool is_digit(char byte) { return byte >= '0' && byte <= '9'; }
bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }
bool is_word(char byte) { return is_letter(byte) || is_digit(byte) || byte == '_'; }
bool is_name(char byte) { return is_word(byte) || byte == '-' || byte == '.'; }

// One line, from the left to the right. After an error nothing more is read.
class Line {
 public:
  Line(std::string_view text, std::size_t number) : text_(text), number_(number) {}

  void skip_blanks() {
    while (position_ < text_.size() && is_blank(text_[position_])) ++position_;
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (!text_.substr(position_).starts_with(token)) return false;
    position_ += token.size();
    return true;
  }

  template <typename Belongs>
  std::string_view take_while(Belongs belongs) {
    skip_blanks();
    begin_ = position_;
    while (position_ < text_.size() && belongs(text_[position_])) ++position_;
    return text_.substr(begin_, position_ - begin_);
  }

  bool at_end() {
    skip_blanks();
    return position_ == text_.size();
  }

  // At what comes next, or at the beginning of what was taken last.
  std::unexpected<Error> expected_next(std::string_view what) const {
    return wrong(position_, fmt::format("expected {}", what));
  }
  std::unexpected<Error> wrong_last(const std::string& message) const {
    return wrong(begin_, message);
  }

 private:
  std::unexpected<Error> wrong(std::size_t at, const std::string& message) const {
    return invalid("/hypotheses", fmt::format("line {}, column {}: {}", number_, at + 1, message));
  }

  const std::string_view text_;
  const std::size_t number_;
  std::size_t position_ = 0;
  std::size_t begin_ = 0;
};

Expected<MetricName> parse_metric(Line& line) {
  const std::string_view name = line.take_while(is_word);
  const auto* const found = std::ranges::find(kMetricNames, name, &MetricName::name);
  if (found != kMetricNames.end()) return *found;
  const auto names = kMetricNames | std::views::transform(&MetricName::name);
  return line.wrong_last(fmt::format("expected one of {}", fmt::join(names, ", ")));
}

Expected<std::string> parse_city(Line& line, const MetricName& metric,
                                 const std::vector<std::string>& known) {
  if (!line.take("(")) {
    if (metric.scope == Scope::kOne) {
      return line.expected_next(
          fmt::format("the city in brackets, as in {}(new-york)", metric.name));
    }
    return std::string{};
  }
  if (metric.scope == Scope::kAll) {
    return line.wrong_last(fmt::format("{} counts cities, so it is of none of them", metric.name));
  }
  std::string city(line.take_while(is_name));
  if (city.empty()) return line.expected_next("a city");
  if (!std::ranges::count(known, city)) {
    return line.wrong_last(
        fmt::format("{} does not take part; the cities are {}", city, fmt::join(known, ", ")));
  }
  if (!line.take(")")) return line.expected_next("')'");
  return city;
}

Expected<std::vector<std::string>> parse_edges(Line& line) {
  if (!line.take("in")) return line.expected_next("'in'");
  if (!line.take("[")) return line.expected_next("'['");
  std::vector<std::string> edges;
  do {
    const std::string_view edge = line.take_while(is_name);
    if (edge.empty()) return line.expected_next("the name of an edge");
    edges.emplace_back(edge);
  } while (line.take(","));
  if (!line.take("]")) return line.expected_next("',' or ']'");
  return edges;
}

Expected<Relation> parse_relation(Line& line) {
  for (const auto& [token, relation] : kRelations) {
    if (line.take(token)) return relation;
  }
  return line.expected_next("one of >=, <=, ==, > and <");
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Expected<double> parse_bound(Line& line, Unit unit) {
  const std::string_view digits =
      line.take_while([](char byte) { return is_digit(byte) || byte == '.'; });
  const std::optional<double> number = number_of(digits);
  if (!number) return line.wrong_last("expected a number");
  switch (unit) {
    case Unit::kPercent:
      if (*number > 100) return line.wrong_last("a share is at most 100%");
      if (!line.take("%")) return line.expected_next("'%'");
      return number.value();
    case Unit::kTime:
      if (line.take("ms")) return *number * 1e3;
      if (line.take("s")) return *number * 1e6;
      return line.expected_next("'ms' or 's'");
    case Unit::kCount:
    case Unit::kEdges:
      break;
  }
  if (*number != std::floor(*number)) return line.wrong_last("expected a whole number");
  return number.value();
}

Expected<Hypothesis> parse_line(std::string_view text, std::size_t number,
                                const std::vector<std::string>& known_cities) {
  Line line(text, number);
  const Expected<MetricName> metric = parse_metric(line);
  if (!metric) return std::unexpected(metric.error());
  Hypothesis hypothesis;
  hypothesis.text = boost::algorithm::trim_copy(std::string(text));
  hypothesis.metric = metric->metric;
  hypothesis.percentile = metric->percentile;
  Expected<std::string> city = parse_city(line, *metric, known_cities);
  if (!city) return std::unexpected(std::move(city.error()));
  hypothesis.city = std::move(*city);
  if (metric->unit == Unit::kEdges) {
    Expected<std::vector<std::string>> edges = parse_edges(line);
    if (!edges) return std::unexpected(std::move(edges.error()));
    hypothesis.edges = std::move(*edges);
  } else {
    const Expected<Relation> relation = parse_relation(line);
    if (!relation) return std::unexpected(relation.error());
    hypothesis.relation = *relation;
    const Expected<double> bound = parse_bound(line, metric->unit);
    if (!bound) return std::unexpected(bound.error());
    hypothesis.bound = *bound;
  }
  if (!line.at_end()) return line.expected_next("the end of the line");
  return hypothesis;
}

}  // namespace

Expected<std::vector<Hypothesis>> parse_hypotheses(std::string_view lines,
                                                   const std::vector<std::string>& known_cities) {
  std::vector<Hypothesis> hypotheses;
  std::size_t number = 0;
  for (const auto part : std::views::split(lines, '\n')) {
    ++number;
    const std::string_view whole(part.begin(), part.end());
    const std::string_view line = whole.substr(0, whole.find('#'));
    if (std::ranges::all_of(line, is_blank)) continue;
    if (line.size() > kMaxHypothesisBytes) {
      return invalid("/hypotheses", fmt::format("line {} is longer than {} characters", number,
                                                kMaxHypothesisBytes));
    }
    Expected<Hypothesis> hypothesis = parse_line(line, number, known_cities);
    if (!hypothesis) return std::unexpected(std::move(hypothesis.error()));
    if (hypotheses.size() == kMaxHypotheses) {
      return invalid("/hypotheses",
                     fmt::format("line {}: at most {} lines are checked", number, kMaxHypotheses));
    }
    hypotheses.push_back(std::move(*hypothesis));
  }
  return hypotheses;
}

}  // namespace firstbyte::collector
