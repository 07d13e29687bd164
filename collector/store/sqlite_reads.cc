#include "collector/store/sqlite_reads.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "collector/store/detail_json.h"
#include "collector/store/row_parts.h"

namespace firstbyte::collector {
namespace {

std::optional<Endpoint> take_endpoint(Rows& rows) {
  const auto ip = rows.take<std::optional<std::string>>();
  const auto port = rows.take<std::uint16_t>();
  if (!ip) return std::nullopt;
  return Endpoint{*ip, port};
}

// `words` are phases with blanks between them; one that is not known here is passed over.
void mark_kernel_phases(std::string_view words, PhaseSpans& spans) {
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    const auto phase = phase_from_string(word);
    if (!phase) continue;
    std::optional<Span>& span = spans[static_cast<std::size_t>(*phase)];
    if (span) span->clock = Span::Clock::kKernel;
  }
}

Expected<Timings> take_timings(Rows& rows) {
  PhaseSpans spans;
  for (std::optional<Span>& span : spans) {
    const auto begin = rows.take<std::optional<Micros>>();
    const auto end = rows.take<std::optional<Micros>>();
    if (begin.has_value() != end.has_value()) return fatal("a phase has only one end");
    if (begin) span = Span{.begin = *begin, .end = *end};
  }
  const auto total = rows.take<Micros>();
  for (std::optional<Span>& span : spans) {
    const auto own = rows.take<Micros>();
    if (span) span->own = own;
  }
  mark_kernel_phases(rows.take<std::string>(), spans);
  return Timings::make(spans, total);
}

// How it came about.
Expected<> take_circumstances(Rows& rows, Measurement& m) {
  const auto family = rows.take<std::string>();
  const auto reuse = rows.take<std::string>();
  const auto known_family = family_from_string(family);
  const auto known_reuse = reuse_from_string(reuse);
  if (!known_family || !known_reuse) {
    return fatal(fmt::format("its family {} or reuse {} is not known", family, reuse));
  }
  m.family = *known_family;
  m.reuse = *known_reuse;
  const auto loop_lag = rows.take<std::optional<Micros>>();
  const bool overloaded = rows.take<int>() != 0;
  if (loop_lag) m.self_check = SelfCheck{*loop_lag, overloaded, false, {}};
  return {};
}

Expected<ReceivedMeasurement> take_received(Rows& rows) {
  ReceivedMeasurement received;
  received.received_at = rows.take<WallTime>();
  received.clock = take_clock(rows);
  Measurement& m = received.measurement;
  m.test_id = rows.take<std::string>();
  m.url = rows.take<std::string>();
  m.measured_at = rows.take<WallTime>();
  m.status = rows.take<std::optional<int>>();
  m.http_version = rows.take<std::string>();
  m.remote = take_endpoint(rows);
  m.local = take_endpoint(rows);
  const auto timings = take_timings(rows);
  if (!timings) return std::unexpected(timings.error());
  m.timings = *timings;
  auto failure = take_failure(rows);
  if (!failure) return std::unexpected(std::move(failure.error()));
  m.failure = std::move(*failure);
  if (auto taken = take_circumstances(rows, m); !taken) return std::unexpected(taken.error());
  const auto detail = rows.take<std::optional<std::string>>();
  if (!detail) return received;
  if (auto read = detail_from_json(*detail, m); !read) {
    return std::unexpected(std::move(read.error()));
  }
  return received;
}

Expected<TestCity> take_city(Rows& rows) {
  TestCity city;
  city.agent = take_identity(rows);
  const auto state = rows.take<std::optional<std::string>>();
  city.elapsed = rows.take<std::optional<Micros>>().value_or(Micros{});
  const bool late = rows.take<int>() != 0;
  const auto result_id = rows.take<std::optional<std::int64_t>>();
  if (state) {
    const auto known = city_state_from_string(*state);
    if (!known)
      return fatal(fmt::format("city {}: its state {} is not known", city.agent.id, *state));
    city.state = *known;
  }
  const bool measured = city.state == CityState::kFinished || city.state == CityState::kFailed;
  if ((measured || late) != result_id.has_value() || (measured && late)) {
    return fatal(fmt::format("city {} is {} {} a result", city.agent.id, to_string(city.state),
                             result_id ? "with" : "without"));
  }
  if (!result_id) return city;
  auto received = take_received(rows);
  if (!received) return fatal(fmt::format("result {}: {}", *result_id, received.error().message));
  (late ? city.late : city.received) = std::move(*received);
  return city;
}

}  // namespace

Expected<std::optional<Test>> SqliteReads::load_test(const std::string& id) {
  auto found = find_test_.query(id);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto row = found->next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  const auto unreadable = [&](const Error& error) {
    return fatal(fmt::format("test {} cannot be read: {}", id, error.message));
  };
  Test test;
  test.id = found->take<std::string>();
  Expected<Target> target = take_target(*found);
  if (!target) return unreadable(target.error());
  test.target = *std::move(target);
  test.created_at = found->take<WallTime>();
  test.deadline_at = found->take<WallTime>();
  auto chosen = cities(id);
  if (!chosen) return unreadable(chosen.error());
  test.cities = std::move(*chosen);
  return test;
}

Expected<std::vector<TestCity>> SqliteReads::cities(const std::string& test_id) {
  auto rows = cities_.query(test_id);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<TestCity> cities;
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return cities;
    auto city = take_city(*rows);
    if (!city) return std::unexpected(std::move(city.error()));
    cities.push_back(std::move(*city));
  }
}

Expected<std::vector<Test>> SqliteReads::unfinished_tests(WallTime now) {
  // One transaction: otherwise a test could end between the two questions.
  if (auto begun = database_.execute("BEGIN"); !begun) return std::unexpected(begun.error());
  Expected<std::vector<Test>> tests = load_unfinished(now);
  (void)database_.execute("COMMIT");
  return tests;
}

Expected<std::vector<Test>> SqliteReads::load_unfinished(WallTime now) {
  std::vector<Test> tests;
  auto rows = unfinished_.query(now);
  if (!rows) return std::unexpected(std::move(rows.error()));
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return tests;
    auto test = load_test(rows->take<std::string>());
    if (!test) {
      // One of many: no reason not to go on with the others.
      spdlog::error("an unfinished test stays as it is: {}", test.error().message);
    } else if (*test) {
      tests.push_back(std::move(**test));
    }
  }
}

Expected<std::vector<AgentRecord>> SqliteReads::agents() {
  auto rows = agents_.query();
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<AgentRecord> agents;
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return agents;
    agents.push_back(AgentRecord{.identity = take_identity(*rows),
                                 .version = rows->take<std::string>(),
                                 .last_seen_at = rows->take<WallTime>(),
                                 .last_result_at = rows->take<std::optional<WallTime>>()});
  }
}

Expected<std::uint64_t> SqliteReads::cursor(const std::string& agent_id, std::uint64_t boot) {
  auto rows = cursor_.query(agent_id, std::bit_cast<std::int64_t>(boot));
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto row = rows->next();
  if (!row) return std::unexpected(row.error());
  return *row ? rows->take<std::uint64_t>() : 0;
}

Expected<std::uint64_t> SqliteReads::highest_sequence(const std::string& agent_id,
                                                      std::uint64_t boot) {
  auto rows = highest_sequence_.query(agent_id, std::bit_cast<std::int64_t>(boot));
  if (!rows) return std::unexpected(std::move(rows.error()));
  if (const auto row = rows->next(); !row) return std::unexpected(row.error());
  return rows->take<std::uint64_t>();
}

}  // namespace firstbyte::collector
