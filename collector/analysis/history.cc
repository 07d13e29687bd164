#include "collector/analysis/history.h"

#include <algorithm>
#include <vector>

namespace firstbyte::collector {
namespace {

std::size_t& count_of(TestSummary& summary, CityState state) {
  switch (state) {
    case CityState::kFinished:
      return summary.finished;
    case CityState::kFailed:
      return summary.failed;
    case CityState::kOffline:
      return summary.offline;
    case CityState::kTimedOut:
      return summary.timed_out;
    default:
      return summary.running;
  }
}

}  // namespace

TestSummary summarize(const PastTest& test, WallTime now) {
  // How they ended could not be stored, and nobody follows them any more.
  const CityState open = now < test.deadline_at ? CityState::kDispatched : CityState::kTimedOut;
  TestSummary summary;
  std::vector<Micros> times;
  for (const PastCity& city : test.cities) {
    ++count_of(summary, city.state.value_or(open));
    if (city.rating && *city.rating != Rating::kFailed && city.ttfb) times.push_back(*city.ttfb);
  }
  summary.succeeded = times.size();
  if (times.empty()) return summary;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>((times.size() - 1) / 2);
  std::ranges::nth_element(times, middle);
  summary.median_ttfb = *middle;
  const auto [fastest, slowest] = std::ranges::minmax_element(times);
  summary.fastest_ttfb = *fastest;
  summary.slowest_ttfb = *slowest;
  return summary;
}

}  // namespace firstbyte::collector
