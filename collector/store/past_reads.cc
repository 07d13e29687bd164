#include "collector/store/past_reads.h"

#include <fmt/format.h>

#include <utility>

#include "collector/store/row_parts.h"

namespace firstbyte::collector {
namespace {

Expected<PastCity> take_past_city(Rows& rows) {
  PastCity city;
  const auto state = rows.take<std::optional<std::string>>();
  city.state = state.and_then(city_state_from_string);
  if (state.has_value() != city.state.has_value()) {
    return fatal(fmt::format("the state {} of a city is not known", *state));
  }
  const bool measured = rows.take<std::optional<std::int64_t>>().has_value();
  const auto status = rows.take<std::optional<int>>();
  const bool failed = rows.take<std::optional<std::string>>().has_value();
  city.ttfb = rows.take<std::optional<Micros>>();
  if (measured) city.rating = rate(failed, status, city.ttfb);
  return city;
}

}  // namespace

Expected<std::vector<PastTest>> PastReads::tests(const std::string& url, const std::string& before,
                                                 int most) {
  auto rows = tests_.query(url, before, most);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<PastTest> tests;
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return tests;
    auto id = rows->take<std::string>();
    const auto unreadable = [&](const Error& error) {
      return fatal(fmt::format("test {} cannot be read: {}", id, error.message));
    };
    auto target = take_target(*rows);
    if (!target) return unreadable(target.error());
    const auto created_at = rows->take<WallTime>();
    const auto deadline_at = rows->take<WallTime>();
    auto city = take_past_city(*rows);
    if (!city) return unreadable(city.error());
    if (tests.empty() || tests.back().id != id) {
      tests.push_back({std::move(id), *std::move(target), created_at, deadline_at, {}});
    }
    tests.back().cities.push_back(*city);
  }
}

}  // namespace firstbyte::collector
