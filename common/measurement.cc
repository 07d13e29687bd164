#include "common/measurement.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/enum_names.h"

namespace firstbyte {
namespace {

constexpr std::array<std::string_view, kPhaseCount> kPhaseNames{"dns", "connect", "tls", "wait",
                                                                "transfer"};
constexpr std::array<std::string_view, 4> kOriginNames{"target", "resolver", "network", "agent"};
constexpr std::array<std::string_view, 33> kCauseNames{"nxdomain",
                                                       "servfail",
                                                       "no_address",
                                                       "bad_answer",
                                                       "refused",
                                                       "unreachable",
                                                       "reset",
                                                       "closed",
                                                       "timeout",
                                                       "unknown_issuer",
                                                       "name_mismatch",
                                                       "expired",
                                                       "handshake",
                                                       "protocol",
                                                       "address_not_allowed",
                                                       "invalid_url",
                                                       "cancelled",
                                                       "overloaded",
                                                       "offline",
                                                       "deadline",
                                                       "internal",
                                                       "not_yet_valid",
                                                       "self_signed",
                                                       "bad_certificate",
                                                       "alert",
                                                       "port_not_allowed",
                                                       "unsupported",
                                                       "bad_redirect",
                                                       "too_many_redirects",
                                                       "unexpected_status",
                                                       "unexpected_header",
                                                       "certificate_expiring",
                                                       "too_slow"};
static_assert(kCauseNames.size() == static_cast<std::size_t>(kLastCause) + 1);
constexpr std::array<std::string_view, 4> kFamilyNames{"any", "ipv4", "ipv6", "both"};
constexpr std::array<std::string_view, 3> kReuseNames{"cold", "resumed", "warm"};
constexpr std::array<std::string_view, 10> kCityStateNames{
    "dispatched", "dns",      "connect", "tls",     "wait",
    "transfer",   "finished", "failed",  "offline", "timed_out"};

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

std::string_view to_string(Family family) {
  return kFamilyNames.at(static_cast<std::size_t>(family));
}
std::optional<Family> family_from_string(std::string_view text) {
  return find_name<Family>(kFamilyNames, text);
}
std::string_view to_string(Reuse reuse) { return kReuseNames.at(static_cast<std::size_t>(reuse)); }
std::optional<Reuse> reuse_from_string(std::string_view text) {
  return find_name<Reuse>(kReuseNames, text);
}
CityState running_state(Phase phase) {
  return static_cast<CityState>(static_cast<int>(CityState::kDns) + static_cast<int>(phase));
}

bool is_agent_id(std::string_view text) {
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
             std::string_view::npos;
}

std::size_t record_bytes(const DnsAnswer& answer) {
  std::size_t bytes = 0;
  for (const ResolvedAddress& resolved : answer.addresses) bytes += resolved.address.size();
  for (const std::string& cname : answer.cnames) bytes += cname.size();
  return bytes;
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

std::optional<Micros> Timings::other_before(Phase phase) const {
  if (!span(phase)) return std::nullopt;
  Micros reached{0};
  for (const Phase earlier : kPhases) {
    if (earlier == phase) break;
    if (const auto& before = span(earlier)) reached = before->end;
  }
  return span(phase)->begin - reached;
}

Micros Timings::other_within() const {
  Micros sum{0};
  for (const Phase phase : kPhases) sum += span(phase).value_or(Span{}).own;
  return sum;
}

Micros Timings::other_after() const {
  Micros reached{0};
  for (const Phase phase : kPhases) {
    if (const auto& passed = span(phase)) reached = passed->end;
  }
  return total_ - reached;
}

std::optional<Micros> Timings::ttfb() const {
  return span(Phase::kTransfer).transform([](const Span& span) { return span.begin; });
}

std::size_t memory_of(const Measurement& measurement) {
  std::size_t bytes = sizeof(Measurement) + measurement.url.size();
  for (const auto& [name, value] : measurement.headers) {
    bytes += 2 * sizeof(std::string) + name.size() + value.size();
  }
  if (measurement.dns) {
    bytes += measurement.dns->addresses.size() * sizeof(ResolvedAddress);
    for (const std::string& cname : measurement.dns->cnames) {
      bytes += sizeof(std::string) + cname.size();
    }
  }
  for (const auto* inner : {&measurement.redirects, &measurement.samples}) {
    for (const Measurement& one : *inner) bytes += memory_of(one);
  }
  return bytes;
}

}  // namespace firstbyte
