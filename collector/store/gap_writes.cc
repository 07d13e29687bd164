#include "collector/store/gap_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

namespace firstbyte::collector {
namespace {

std::int64_t stored_boot(const ResultBatch& batch) {
  return std::bit_cast<std::int64_t>(batch.boot);
}

// A result or a gap, by its place alone.
struct Place {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  const Gap* gap = nullptr;
};

// Both lists as one, if both rise.
std::vector<Place> places_of(const ResultBatch& batch) {
  std::vector<Place> results;
  std::vector<Place> gaps;
  results.reserve(batch.results.size());
  gaps.reserve(batch.gaps.size());
  for (const SequencedMeasurement& result : batch.results) {
    results.push_back({result.sequence, result.sequence});
  }
  for (const Gap& gap : batch.gaps) gaps.push_back({gap.first, gap.last, &gap});
  std::vector<Place> places(results.size() + gaps.size());
  std::ranges::merge(results, gaps, places.begin(), {}, &Place::first, &Place::first);
  return places;
}

bool rises(const std::vector<Place>& places) {
  std::uint64_t previous = 0;
  for (const Place& place : places) {
    if (place.first <= previous || place.last < place.first) return false;
    previous = place.last;
  }
  return std::in_range<std::int64_t>(previous);
}

}  // namespace

Expected<> GapWrites::check(const ResultBatch& batch) {
  std::uint64_t previous = 0;
  for (const SequencedMeasurement& result : batch.results) {
    if (result.sequence <= previous || !std::in_range<std::int64_t>(result.sequence)) {
      return invalid("sequence",
                     fmt::format("agent {} sent result {} after {}; sequences start at 1 and rise",
                                 batch.agent.id, result.sequence, previous));
    }
    previous = result.sequence;
  }
  if (!batch.gaps.empty() && !rises(places_of(batch))) {
    return invalid(
        "gap.first_sequence",
        fmt::format("agent {} sent a gap in the place of what it sent as well", batch.agent.id));
  }
  return {};
}

Expected<std::vector<const SequencedMeasurement*>> GapWrites::recover(
    const ResultBatch& batch, std::span<const SequencedMeasurement> results) {
  std::vector<const SequencedMeasurement*> found;
  if (results.empty()) return found;
  // Nearly always there is none: these results were sent again, and that is all.
  const auto gaps = overlapping(batch, results.front().sequence, results.back().sequence);
  if (!gaps) return std::unexpected(gaps.error());
  if (gaps->empty()) return found;
  for (const SequencedMeasurement& result : results) {
    const auto gap = overlapping(batch, result.sequence, result.sequence);
    if (!gap) return std::unexpected(gap.error());
    if (gap->empty()) continue;
    if (auto taken = cut(batch, gap->front(), result.sequence, result.sequence); !taken) {
      return std::unexpected(taken.error());
    }
    found.push_back(&result);
  }
  return found;
}

Expected<GapWrites::Account> GapWrites::advance(const ResultBatch& batch, std::uint64_t cursor) {
  Account account{.cursor = cursor};
  // The usual batch goes on where the last one ended, and misses nothing.
  if (batch.gaps.empty() && !batch.results.empty() &&
      batch.results.front().sequence == cursor + 1 &&
      batch.results.back().sequence == cursor + batch.results.size()) {
    account.cursor = batch.results.back().sequence;
    return account;
  }
  const auto lose = [&](Row row) -> Expected<> {
    const auto ahead = stored_within(batch, row.first, row.last);
    if (!ahead) return std::unexpected(ahead.error());
    const std::uint64_t last = row.last;
    for (std::size_t i = 0; i <= ahead->size(); ++i) {
      row.last = i < ahead->size() ? (*ahead)[i] - 1 : last;
      if (row.first <= row.last) {
        ++account.gaps;
        account.lost += row.last - row.first + 1;
        if (auto made = insert(batch, row); !made) return made;
      }
      row.first = row.last + 2;
    }
    return {};
  };
  for (const Place& place : places_of(batch)) {
    if (place.gap != nullptr && place.first <= account.cursor) {
      auto said = explain(batch, *place.gap, std::min(place.last, account.cursor));
      if (!said) return std::unexpected(said.error());
    }
    if (place.last <= account.cursor) continue;
    const std::uint64_t first = std::max(place.first, account.cursor + 1);
    if (first > account.cursor + 1) {
      const Row silent{account.cursor + 1,
                       first - 1,
                       std::string(to_string(GapReason::kUnreported)),
                       {},
                       batch.received_at};
      if (auto made = lose(silent); !made) return std::unexpected(made.error());
    }
    if (place.gap != nullptr) {
      const Row said{first, place.last, std::string(to_string(place.gap->reason)),
                     place.gap->recorded_at, batch.received_at};
      if (auto made = lose(said); !made) return std::unexpected(made.error());
    }
    account.cursor = place.last;
  }
  return account;
}

Expected<std::vector<std::uint64_t>> GapWrites::stored_within(const ResultBatch& batch,
                                                              std::uint64_t first,
                                                              std::uint64_t last) {
  auto rows = stored_.query(batch.agent.id, stored_boot(batch), first, last);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<std::uint64_t> found;
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return found;
    found.push_back(rows->take<std::uint64_t>());
  }
}

Expected<std::vector<GapWrites::Row>> GapWrites::overlapping(const ResultBatch& batch,
                                                             std::uint64_t first,
                                                             std::uint64_t last) {
  auto rows = find_.query(batch.agent.id, stored_boot(batch), last, first);
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Row> found;
  while (true) {
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return found;
    found.push_back({.first = rows->take<std::uint64_t>(),
                     .last = rows->take<std::uint64_t>(),
                     .reason = rows->take<std::string>(),
                     .recorded_at = rows->take<std::optional<WallTime>>(),
                     .received_at = rows->take<WallTime>()});
  }
}

Expected<> GapWrites::insert(const ResultBatch& batch, const Row& row) {
  return insert_.run(batch.agent.id, stored_boot(batch), row.first, row.last, row.reason,
                     row.recorded_at, row.received_at);
}

Expected<> GapWrites::cut(const ResultBatch& batch, const Row& row, std::uint64_t first,
                          std::uint64_t last) {
  if (auto gone = remove_.run(batch.agent.id, stored_boot(batch), row.first); !gone) return gone;
  Row before = row;
  before.last = first - 1;
  Row after = row;
  after.first = last + 1;
  for (const Row& rest : {before, after}) {
    if (rest.first > rest.last) continue;
    if (auto kept = insert(batch, rest); !kept) return kept;
  }
  return {};
}

Expected<> GapWrites::explain(const ResultBatch& batch, const Gap& gap, std::uint64_t last) {
  const auto gaps = overlapping(batch, gap.first, last);
  if (!gaps) return std::unexpected(gaps.error());
  for (const Row& row : *gaps) {
    if (row.reason != to_string(GapReason::kUnreported)) continue;
    const Row said{std::max(row.first, gap.first), std::min(row.last, last),
                   std::string(to_string(gap.reason)), gap.recorded_at, row.received_at};
    if (auto taken = cut(batch, row, said.first, said.last); !taken) return taken;
    if (auto kept = insert(batch, said); !kept) return kept;
  }
  return {};
}

}  // namespace firstbyte::collector
