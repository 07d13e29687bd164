#include "collector/store/sqlite_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/json/serialize.hpp>
#include <utility>

#include "collector/store/detail_json.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

// Refusals get a sentence of ours; what the file or disk did keeps SQLite's.
std::unexpected<Error> explain(Error error, std::string field, std::string refusal) {
  if (error.kind == Error::Kind::kInvalid) return invalid(std::move(field), std::move(refusal));
  return std::unexpected(std::move(error));
}

std::optional<std::string_view> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

}  // namespace

Expected<> SqliteWrites::create_test(const Test& test) {
  auto stored =
      insert_test_.run(test.id, test.target.url, boost::json::serialize(target_value(test.target)),
                       test.created_at, test.deadline_at);
  if (!stored) {
    return explain(std::move(stored.error()), "/id",
                   fmt::format("there is a test {} already", test.id));
  }
  for (std::size_t i = 0; i < test.cities.size(); ++i) {
    const AgentIdentity& agent = test.cities[i].agent;
    const auto vantage_id = vantage(agent);
    if (!vantage_id) return std::unexpected(vantage_id.error());
    if (auto chosen = insert_city_.run(test.id, i, agent.id, *vantage_id); !chosen) {
      return explain(std::move(chosen.error()), "/agents",
                     fmt::format("agent {} is chosen twice", agent.id));
    }
  }
  return {};
}

Expected<Appended> SqliteWrites::append(const ResultBatch& batch) {
  if (auto checked = GapWrites::check(batch); !checked) return std::unexpected(checked.error());
  const auto boot = std::bit_cast<std::int64_t>(batch.boot);
  const auto cursor = stored_cursor(batch.agent.id, boot);
  if (!cursor) return std::unexpected(cursor.error());
  const auto known = static_cast<std::uint64_t>(*cursor);
  const auto fresh =
      std::ranges::upper_bound(batch.results, known, {}, &SequencedMeasurement::sequence);
  auto wanted = gaps_.recover(batch, {batch.results.begin(), fresh});
  if (!wanted) return std::unexpected(wanted.error());
  const auto account = gaps_.advance(batch, known);
  if (!account) return std::unexpected(account.error());

  Appended appended;
  appended.commit.acknowledged = account->cursor;
  appended.duplicates = static_cast<std::uint64_t>(fresh - batch.results.begin()) - wanted->size();
  appended.gaps = account->gaps;
  appended.lost = account->lost;
  for (auto result = fresh; result != batch.results.end(); ++result) wanted->push_back(&*result);
  if (auto stored = store_results(batch, *wanted, appended); !stored) {
    return std::unexpected(std::move(stored.error()));
  }
  if (account->cursor == known) return appended;
  if (auto set = set_cursor_.run(batch.agent.id, boot, account->cursor); !set) {
    return std::unexpected(std::move(set.error()));
  }
  return appended;
}

Expected<> SqliteWrites::store_results(const ResultBatch& batch,
                                       const std::vector<const SequencedMeasurement*>& results,
                                       Appended& appended) {
  if (results.empty()) return {};
  const auto vantage_id = vantage(batch.agent);
  if (!vantage_id) return std::unexpected(vantage_id.error());
  WallTime last_received = results.front()->received.received_at;
  for (const SequencedMeasurement* result : results) {
    const auto id = insert_result(batch, *vantage_id, *result);
    if (!id) return std::unexpected(id.error());
    const auto ended = settle_by_result(batch.agent.id, result->received, *id);
    if (!ended) return std::unexpected(ended.error());
    last_received = std::max(last_received, result->received.received_at);
    ++appended.stored;
    if (*ended) appended.commit.settled.push_back(result->received);
  }
  return record_results_.run(batch.agent.id, *vantage_id, last_received);
}

Expected<bool> SqliteWrites::settle(const CityOutcome& outcome) {
  if (outcome.state != CityState::kOffline && outcome.state != CityState::kTimedOut) {
    return invalid("state", fmt::format("a city does not end as {} without a measurement",
                                        to_string(outcome.state)));
  }
  auto set = settle_city_.run(to_string(outcome.state), outcome.elapsed, outcome.test_id,
                              outcome.agent_id);
  if (!set) return std::unexpected(std::move(set.error()));
  if (database_.changes() == 1) return true;

  auto found = find_city_.query(outcome.test_id, outcome.agent_id);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto chosen = found->next();
  if (!chosen) return std::unexpected(chosen.error());
  if (*chosen) return false;
  return invalid("agent_id", fmt::format("agent {} was not chosen in test {}", outcome.agent_id,
                                         outcome.test_id));
}

Expected<> SqliteWrites::record_agent(const AgentIdentity& identity, const std::string& version,
                                      WallTime seen_at) {
  const auto vantage_id = vantage(identity);
  if (!vantage_id) return std::unexpected(vantage_id.error());
  return record_agent_.run(identity.id, *vantage_id, version, seen_at);
}

Expected<std::int64_t> SqliteWrites::vantage(const AgentIdentity& identity) {
  {
    auto found = find_vantage_.query(identity.id, identity.city, identity.country, identity.region,
                                     identity.latitude, identity.longitude, identity.asn);
    if (!found) return std::unexpected(std::move(found.error()));
    const auto row = found->next();
    if (!row) return std::unexpected(row.error());
    if (*row) return found->take<std::int64_t>();
  }
  auto made = insert_vantage_.run(identity.id, identity.city, identity.country, identity.region,
                                  identity.latitude, identity.longitude, identity.asn);
  if (!made) return std::unexpected(std::move(made.error()));
  return database_.last_insert_id();
}

Expected<std::int64_t> SqliteWrites::stored_cursor(const std::string& agent_id, std::int64_t boot) {
  auto found = find_cursor_.query(agent_id, boot);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto row = found->next();
  if (!row) return std::unexpected(row.error());
  return *row ? found->take<std::int64_t>() : 0;
}

namespace {

std::string kernel_phases(const Timings& timings) {
  std::string words;
  for (const Phase phase : kPhases) {
    if (timings.span(phase).value_or(Span{}).clock != Span::Clock::kKernel) continue;
    words += words.empty() ? "" : " ";
    words += to_string(phase);
  }
  return words;
}

}  // namespace

Expected<std::int64_t> SqliteWrites::insert_result(const ResultBatch& batch,
                                                   std::int64_t vantage_id,
                                                   const SequencedMeasurement& result) {
  const Measurement& m = result.received.measurement;
  const auto& clock = result.received.clock;
  const auto& failure = m.failure;
  const auto begin = [&](Phase phase) {
    return m.timings.span(phase).transform([](const Span& span) { return span.begin; });
  };
  const auto end = [&](Phase phase) {
    return m.timings.span(phase).transform([](const Span& span) { return span.end; });
  };
  const auto own = [&](Phase phase) { return m.timings.span(phase).value_or(Span{}).own; };
  const auto ip = [](const Endpoint& endpoint) { return std::string_view(endpoint.ip); };
  const auto port = [](const Endpoint& endpoint) { return endpoint.port; };
  const auto failed_phase = failure ? failure->phase : std::nullopt;
  const auto assigned = checks_.find(batch.agent.id, m);
  if (!assigned) return std::unexpected(assigned.error());
  const std::optional<CheckSlot> slot = *assigned ? m.slot : std::nullopt;

  auto inserted = insert_result_.run(
      batch.agent.id, std::bit_cast<std::int64_t>(batch.boot), result.sequence, vantage_id,
      unless_empty(m.test_id), m.url,
      // when
      m.measured_at, result.received.received_at,
      clock.transform([](const ClockOffset& c) { return c.offset; }),
      clock.transform([](const ClockOffset& c) { return c.error; }),
      // the phases
      begin(Phase::kDns), end(Phase::kDns), begin(Phase::kConnect), end(Phase::kConnect),
      begin(Phase::kTls), end(Phase::kTls), begin(Phase::kWait), end(Phase::kWait),
      begin(Phase::kTransfer), end(Phase::kTransfer), m.timings.total(), own(Phase::kDns),
      own(Phase::kConnect), own(Phase::kTls), own(Phase::kWait), own(Phase::kTransfer),
      kernel_phases(m.timings),
      // the answer
      m.status, unless_empty(m.http_version), m.remote.transform(ip), m.remote.transform(port),
      m.local.transform(ip), m.local.transform(port),
      // the failure
      failed_phase.transform([](Phase phase) { return to_string(phase); }),
      failure.transform([](const Failure& f) { return to_string(f.origin); }),
      failure.transform([](const Failure& f) { return to_string(f.cause); }),
      failure.transform([](const Failure& f) { return std::string_view(f.message); }),
      // how it came about
      to_string(m.family), to_string(m.reuse),
      m.self_check.transform([](const SelfCheck& check) { return check.loop_lag; }),
      m.self_check.value_or(SelfCheck{}).overloaded,
      // the check
      assigned->transform([](const CheckWrites::Assigned& a) { return a.id; }),
      slot.transform([](const CheckSlot& s) { return s.scheduled_at; }),
      slot.transform([](const CheckSlot& s) { return s.late; }),
      slot.transform([](const CheckSlot& s) { return s.skipped; }),
      slot.transform([](const CheckSlot& s) { return s.clock_set; }));
  if (!inserted) return std::unexpected(std::move(inserted.error()));
  const std::int64_t id = database_.last_insert_id();
  if (auto detail = insert_detail_.run(id, detail_to_json(m)); !detail) {
    return std::unexpected(std::move(detail.error()));
  }
  if (*assigned) {
    if (auto counted = checks_.count(**assigned, result.received, id); !counted) {
      return std::unexpected(std::move(counted.error()));
    }
  }
  return id;
}

Expected<bool> SqliteWrites::settle_by_result(const std::string& agent_id,
                                              const ReceivedMeasurement& received,
                                              std::int64_t result_id) {
  const Measurement& measurement = received.measurement;
  if (measurement.test_id.empty()) return false;
  const CityState state = measurement.failure ? CityState::kFailed : CityState::kFinished;
  auto set = end_by_result_.run(to_string(state), measurement.timings.total(), result_id,
                                measurement.test_id, agent_id, received.received_at);
  if (!set) return std::unexpected(std::move(set.error()));
  if (database_.changes() == 1) return true;
  if (auto noted = note_late_.run(result_id, measurement.test_id, agent_id); !noted) {
    return std::unexpected(std::move(noted.error()));
  }
  return false;
}

}  // namespace firstbyte::collector
