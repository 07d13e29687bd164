#include "common/measurement.h"

#include <fmt/format.h>

#include <algorithm>

namespace firstbyte {
namespace {

// One table per enumeration, in the order of its values: the single place of each spelling.
constexpr std::array<std::string_view, kPhaseCount> kPhaseNames{"dns", "connect", "tls", "wait",
                                                                "transfer"};
constexpr std::array<std::string_view, 4> kOriginNames{"target", "resolver", "network", "agent"};
constexpr std::array<std::string_view, 21> kCauseNames{
    "nxdomain",      "servfail",  "no_address", "bad_answer", "refused",
    "unreachable",   "reset",     "closed",     "timeout",    "unknown_issuer",
    "name_mismatch", "expired",   "handshake",  "protocol",   "address_not_allowed",
    "invalid_url",   "cancelled", "overloaded", "offline",    "deadline",
    "internal"};
static_assert(kCauseNames.size() == static_cast<std::size_t>(Cause::kInternal) + 1);
constexpr std::array<std::string_view, 10> kCityStateNames{
    "dispatched", "dns",      "connect", "tls",     "wait",
    "transfer",   "finished", "failed",  "offline", "timed_out"};

template <typename Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view to_string(Phase phase) { return kPhaseNames.at(static_cast<std::size_t>(phase)); }
std::optional<Phase> phase_from_string(std::string_view text) {
  return find_name<Phase>(kPhaseNames, text);
}
std::string_view to_string(Origin origin) {
  return kOriginNames.at(static_cast<std::size_t>(origin));
}
std::optional<Origin> origin_from_string(std::string_view text) {
  return find_name<Origin>(kOriginNames, text);
}
std::string_view to_string(Cause cause) { return kCauseNames.at(static_cast<std::size_t>(cause)); }
std::optional<Cause> cause_from_string(std::string_view text) {
  return find_name<Cause>(kCauseNames, text);
}
std::string_view to_string(CityState state) {
  return kCityStateNames.at(static_cast<std::size_t>(state));
}
std::optional<CityState> city_state_from_string(std::string_view text) {
  return find_name<CityState>(kCityStateNames, text);
}

CityState running_state(Phase phase) {
  return static_cast<CityState>(static_cast<int>(CityState::kDns) + static_cast<int>(phase));
}

bool is_agent_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
             std::string_view::npos;
}

Expected<Timings> Timings::make(const PhaseSpans& spans, Micros total) {
  Micros covered{0};
  for (const Phase phase : kPhases) {
    const std::optional<Span>& span = spans[static_cast<std::size_t>(phase)];
    if (!span) continue;
    if (span->own < Micros{0} || span->own > span->end - span->begin) {
      return invalid(std::string(to_string(phase)),
                     fmt::format("phase {} has {} us of its own, but lasts {} us", to_string(phase),
                                 span->own.count(), (span->end - span->begin).count()));
    }
    if (span->begin < covered || span->end < span->begin || span->end > total) {
      return invalid(std::string(to_string(phase)),
                     fmt::format("phase {} runs from {} to {} us, which does not follow {} us or "
                                 "goes past the total of {} us",
                                 to_string(phase), span->begin.count(), span->end.count(),
                                 covered.count(), total.count()));
    }
    covered = span->end;
  }
  if (total < Micros{0}) return invalid("total", "the total is negative");
  Timings timings;
  timings.spans_ = spans;
  timings.total_ = total;
  return timings;
}

std::optional<Micros> Timings::duration(Phase phase) const {
  return span(phase).transform([](const Span& span) { return span.duration(); });
}

Micros Timings::other() const {
  Micros sum{0};
  for (const Phase phase : kPhases) sum += duration(phase).value_or(Micros{0});
  return total_ - sum;
}

std::optional<Micros> Timings::ttfb() const {
  return span(Phase::kTransfer).transform([](const Span& span) { return span.begin; });
}

}  // namespace firstbyte
