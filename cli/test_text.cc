#include "cli/test_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/printable.h"
#include "common/text_table.h"

namespace firstbyte::cli {
namespace {

constexpr std::size_t kNumber = 6;

// Numbers end where their heading does.
std::string number(const std::optional<Micros>& time, std::string_view head) {
  return fmt::format("{:>{}}", ms_text(time), std::max(kNumber, head.size()));
}

std::string heading(std::string_view name) { return fmt::format("{:>{}}", name, kNumber); }

// While a city runs, the phase that it is in.
std::string word(const CityView& city) {
  switch (outcome_of(city)) {
    case Outcome::kRunning:
      return city.state == CityState::kDispatched ? "asked"
                                                  : fmt::format("in {}", to_string(city.state));
    case Outcome::kNoData:
      return "no data";
    case Outcome::kFailed:
      return "failed";
    case Outcome::kAnswered:
      break;
  }
  return printable(city.result->rating);
}

Colour colour_of(const CityView& city) {
  switch (outcome_of(city)) {
    case Outcome::kFailed:
      return Colour::kRed;
    case Outcome::kAnswered:
      return city.result->rating == "slow" ? Colour::kYellow : Colour::kGreen;
    case Outcome::kNoData:
    case Outcome::kRunning:
      break;
  }
  return Colour::kGrey;
}

std::vector<std::string> row(const CityView& city, const TextStyle& style) {
  const ResultView nothing{};
  const ResultView& result = city.result ? *city.result : nothing;
  std::vector<std::string> cells{printable(city.city),
                                 result.edge.empty() ? "-" : printable(result.edge),
                                 result.status ? std::to_string(*result.status) : "-"};
  for (const Phase phase : kPhases) {
    cells.push_back(
        number(result.times.phases.at(static_cast<std::size_t>(phase)), to_string(phase)));
  }
  cells.push_back(number(result.times.other, "other"));
  cells.push_back(number(result.times.ttfb, "TTFB"));
  // Last, where no column is made wider by the colour.
  cells.push_back(painted(style, colour_of(city), word(city)));
  return cells;
}

std::vector<CityView> sorted(std::vector<CityView> cities) {
  const auto place = [](const CityView& city) {
    const Outcome outcome = outcome_of(city);
    const bool by_ttfb = outcome == Outcome::kAnswered && city.result->times.ttfb;
    return std::tuple{outcome, by_ttfb ? *city.result->times.ttfb : Micros::max(), city.city};
  };
  std::ranges::sort(cities, {}, place);
  return cities;
}

std::string table(const std::vector<CityView>& cities, const TextStyle& style) {
  std::vector<std::string> heads{"CITY", "EDGE", "STATUS"};
  for (const Phase phase : kPhases) heads.push_back(heading(to_string(phase)));
  heads.insert(heads.end(), {heading("other"), heading("TTFB"), "RATING"});
  std::vector<std::vector<std::string>> rows{std::move(heads)};
  for (const CityView& city : cities) rows.push_back(row(city, style));
  return text_table(rows);
}

// "Frankfurt: failed in connect, refused (target): ..."; an error page needs no more than its row.
std::string reason(const CityView& city) {
  const Outcome outcome = outcome_of(city);
  const bool told = outcome == Outcome::kFailed || outcome == Outcome::kNoData;
  if (!told || !city.result || !city.result->failure) return "";
  const FailureView& failure = *city.result->failure;
  const std::string where = outcome == Outcome::kNoData ? "no data"
                            : failure.phase.empty()     ? "failed"
                                                        : "failed in " + failure.phase;
  return printable(fmt::format("{}: {}, {} ({}): {}", city.city, where, failure.cause,
                               failure.origin, failure.message)) +
         "\n";
}

}  // namespace

std::string ms_text(const std::optional<Micros>& time) {
  constexpr double kWhole = 99.95;
  if (!time) return "-";
  const double ms = static_cast<double>(time->count()) / 1e3;
  return ms < kWhole ? fmt::format("{:.1f}", ms) : fmt::format("{:.0f}", ms);
}

std::string test_table(const TestView& test, const TextStyle& style) {
  const std::vector<CityView> cities = sorted(test.cities);
  std::string text = printable(test.url) + ", in ms\n" + table(cities, style);
  std::string reasons;
  for (const CityView& city : cities) reasons += reason(city);
  return reasons.empty() ? text : text + "\n" + reasons;
}

std::string LiveTable::redrawn(const TestView& test) {
  // The URL, the headings, and the line that the cursor is on.
  constexpr std::size_t kOtherLines = 3;
  // A line that were broken into two could not be counted.
  constexpr std::string_view kNoWrap = "\x1b[?7l";
  constexpr std::string_view kWrap = "\x1b[?7h";
  std::vector<CityView> cities = sorted(test.cities);
  const std::size_t room = lines_ > kOtherLines ? lines_ - kOtherLines : 1;
  if (cities.size() > room) cities.resize(room);
  std::string text = erased();
  text += kNoWrap;
  text += printable(test.url) + ", in ms\n" + table(cities, style_);
  text += kWrap;
  drawn_ = cities.size() + 2;
  return text;
}

std::string LiveTable::erased() {
  // Up to its first line, and from there to the end of the screen.
  return drawn_ == 0 ? "" : fmt::format("\x1b[{}A\r\x1b[J", std::exchange(drawn_, 0));
}

}  // namespace firstbyte::cli
