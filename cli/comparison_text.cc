#include "cli/comparison_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/printable.h"
#include "cli/test_text.h"
#include "common/text_table.h"

namespace firstbyte::cli {
namespace {

// So many cities that moved are told one by one; more of them by where they went.
constexpr std::size_t kToldEach = 3;
constexpr std::size_t kDifference = 6;

std::string joined(const std::vector<std::string>& parts, std::string_view by = ", ") {
  return fmt::format("{}", fmt::join(parts, by));
}

std::string counted(std::size_t cities) {
  return fmt::format("{} {}", cities, cities == 1 ? "city" : "cities");
}

const ResultView* result_of(const std::optional<CityView>& city) {
  return city && city->result ? &*city->result : nullptr;
}

class Sentence {
 public:
  Sentence(const ComparisonView& comparison, const TextStyle& style)
      : cities_(comparison.cities), arrow_(style.unicode ? " → " : " -> ") {}

  std::string render() const {
    std::vector<std::string> clauses;
    add_moves(clauses);
    add(clauses, "failing now", {"failed"});
    add(clauses, "answering again", {"recovered"});
    add(clauses, "still measuring", {"pending"});
    add(clauses, "no data", {"no_data"});
    add(clauses, "in one of the tests only", {"before_only", "after_only"});
    add_answers(clauses);
    if (clauses.empty()) return "nothing is known of any city";
    return printable(joined(clauses, "; "));
  }

  std::string edges(const ComparedCity& city) const {
    const auto edge = [](const std::optional<CityView>& side) {
      const ResultView* result = result_of(side);
      return result == nullptr || result->edge.empty() ? std::string("-") : result->edge;
    };
    const std::string before = edge(city.before);
    const std::string after = edge(city.after);
    return before == after ? after : from_to(before, after);
  }

  std::string ttfbs(const ComparedCity& city) const {
    const auto ttfb = [](const std::optional<CityView>& side) {
      const ResultView* result = result_of(side);
      return ms_text(result == nullptr ? std::nullopt : result->times.ttfb);
    };
    return from_to(ttfb(city.before), ttfb(city.after));
  }

 private:
  std::string from_to(std::string_view before, std::string_view after) const {
    return fmt::format("{}{}{}", before, arrow_, after);
  }

  void add(std::vector<std::string>& clauses, std::string_view what,
           const std::vector<std::string_view>& changes) const {
    std::vector<std::string> names;
    for (const ComparedCity& city : cities_) {
      if (std::ranges::find(changes, city.change) != changes.end()) names.push_back(city.city);
    }
    if (!names.empty()) clauses.push_back(fmt::format("{}: {}", what, joined(names)));
  }

  void add_moves(std::vector<std::string>& clauses) const {
    std::vector<const ComparedCity*> moved;
    std::size_t known = 0;
    for (const ComparedCity& city : cities_) {
      if (!city.moved) continue;
      ++known;
      if (*city.moved) moved.push_back(&city);
    }
    // Of cities that did not say who answered nobody knows whether they moved.
    if (known == 0) return;
    if (moved.empty()) {
      clauses.push_back(fmt::format("none of {} moved", counted(known)));
      return;
    }
    clauses.push_back(
        fmt::format("{} of {} moved: {}", moved.size(), counted(known),
                    joined(moved.size() <= kToldEach ? each(moved) : by_edges(moved))));
  }

  std::vector<std::string> each(const std::vector<const ComparedCity*>& moved) const {
    std::vector<std::string> told;
    for (const ComparedCity* city : moved) {
      const ResultView* before = result_of(city->before);
      const ResultView* after = result_of(city->after);
      const bool timed =
          before != nullptr && after != nullptr && before->times.ttfb && after->times.ttfb;
      std::string move = fmt::format("{} {}", city->city, edges(*city));
      // Several stand in a list, whose commas are between the cities.
      if (timed) {
        move += fmt::format(fmt::runtime(moved.size() == 1 ? ", TTFB {} ms" : " (TTFB {} ms)"),
                            ttfbs(*city));
      }
      told.push_back(std::move(move));
    }
    return told;
  }

  std::vector<std::string> by_edges(const std::vector<const ComparedCity*>& moved) const {
    std::vector<std::pair<std::string, std::vector<std::string>>> groups;
    for (const ComparedCity* city : moved) {
      const std::string to = edges(*city);
      auto group = std::ranges::find(groups, to, [](const auto& of) { return of.first; });
      if (group == groups.end()) {
        groups.emplace_back(to, std::vector<std::string>{});
        group = groups.end() - 1;
      }
      group->second.push_back(city->city);
    }
    std::vector<std::string> told;
    told.reserve(groups.size());
    for (const auto& [to, names] : groups)
      told.push_back(fmt::format("{} ({})", to, joined(names)));
    return told;
  }

  // A city of which nothing is known neither answered nor failed to.
  void add_answers(std::vector<std::string>& clauses) const {
    std::map<int, std::size_t> counts;
    std::size_t measured = 0;
    std::size_t silent = 0;
    for (const ComparedCity& city : cities_) {
      const ResultView* after = result_of(city.after);
      if (after == nullptr || after->rating.empty()) continue;
      ++measured;
      if (after->status) {
        ++counts[*after->status];
      } else {
        ++silent;
      }
    }
    std::vector<std::pair<int, std::size_t>> statuses(counts.begin(), counts.end());
    std::ranges::sort(statuses, {}, [](const auto& status) {
      return std::tuple{~status.second, status.first};  // The most first.
    });
    std::vector<std::string> parts;
    for (const auto& [status, count] : statuses) {
      const std::string of = parts.empty() ? fmt::format(" of {}", measured) : "";
      parts.push_back(fmt::format("{}{} answered {}", count, of, status));
    }
    if (silent > 0) parts.push_back(fmt::format("{} did not answer", counted(silent)));
    if (!parts.empty()) clauses.push_back(joined(parts));
  }

  const std::vector<ComparedCity>& cities_;
  const std::string_view arrow_;
};

// "+197", "-3.4"; too small to be shown it has no sign. It ends where its heading does.
std::string difference(const std::optional<Micros>& delta, std::string_view head) {
  const std::size_t width = std::max(kDifference, head.size());
  if (!delta) return fmt::format("{:>{}}", "-", width);
  const std::string size = ms_text(Micros{std::abs(delta->count())});
  const std::string_view sign = size == "0.0" ? "" : delta->count() < 0 ? "-" : "+";
  return fmt::format("{:>{}}", fmt::format("{}{}", sign, size), width);
}

std::string status_of(const std::optional<CityView>& city) {
  const ResultView* result = result_of(city);
  return result == nullptr || !result->status ? "-" : std::to_string(*result->status);
}

Colour colour_of(const ComparedCity& city) {
  if (city.change == "failed") return Colour::kRed;
  if (city.moved.value_or(false)) return Colour::kYellow;
  return city.change == "recovered" ? Colour::kGreen : Colour::kGrey;
}

// In words as the page has them: "no_data" is "no data".
std::string word(std::string change) {
  std::ranges::replace(change, '_', ' ');
  return printable(change);
}

std::string comparison_table(const ComparisonView& comparison, const TextStyle& style) {
  const auto has_moved = [](const ComparedCity& city) { return city.moved.value_or(false); };
  std::vector<ComparedCity> cities;
  std::ranges::copy_if(comparison.cities, std::back_inserter(cities), has_moved);
  std::ranges::remove_copy_if(comparison.cities, std::back_inserter(cities), has_moved);
  std::vector<std::string> heads{"CITY", "EDGE", "TTFB", "STATUS"};
  for (const Phase phase : kPhases)
    heads.push_back(fmt::format("{:>{}}", to_string(phase), kDifference));
  heads.push_back(fmt::format("{:>{}}", "other", kDifference));
  heads.emplace_back("CHANGE");
  std::vector<std::vector<std::string>> rows{std::move(heads)};
  const Sentence parts(comparison, style);
  for (const ComparedCity& city : cities) {
    std::vector<std::string> row{printable(city.city), printable(parts.edges(city)),
                                 parts.ttfbs(city), status_of(city.after)};
    for (const Phase phase : kPhases) {
      row.push_back(
          difference(city.delta.phases.at(static_cast<std::size_t>(phase)), to_string(phase)));
    }
    row.push_back(difference(city.delta.other, "other"));
    row.push_back(painted(style, colour_of(city), word(city.change)));
    rows.push_back(std::move(row));
  }
  return text_table(rows);
}

}  // namespace

std::string comparison_sentence(const ComparisonView& comparison, const TextStyle& style) {
  return Sentence(comparison, style).render();
}

std::string comparison_text(const ComparisonView& comparison, const TextStyle& style) {
  std::string text = wrapped(comparison_sentence(comparison, style), 0, style.width);
  if (!comparison.same_target) {
    text += wrapped(
        "The two tests did not ask for the same thing in the same way, so their times differ for "
        "that, too.",
        0, style.width);
  }
  return text + "\nin ms; phases: after less before\n" + comparison_table(comparison, style);
}

}  // namespace firstbyte::cli
