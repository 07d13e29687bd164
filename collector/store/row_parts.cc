#include "collector/store/row_parts.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "common/target_json.h"

namespace firstbyte::collector {

AgentIdentity take_identity(Rows& rows) {
  return AgentIdentity{.id = rows.take<std::string>(),
                       .city = rows.take<std::string>(),
                       .country = rows.take<std::string>(),
                       .region = rows.take<std::string>(),
                       .latitude = rows.take<double>(),
                       .longitude = rows.take<double>(),
                       .asn = rows.take<std::optional<std::uint32_t>>()};
}

std::optional<ClockOffset> take_clock(Rows& rows) {
  const auto offset = rows.take<std::optional<Micros>>();
  const auto error = rows.take<std::optional<Micros>>();
  if (!offset) return std::nullopt;
  return ClockOffset{*offset, error.value_or(Micros{})};
}

Expected<Target> take_target(Rows& rows) {
  boost::json::error_code broken;
  const boost::json::value value = boost::json::parse(rows.take<std::string>(), broken);
  if (broken || !value.is_object()) return fatal("its target is not a JSON object");
  return parse_stored_target(value.get_object());
}

Expected<std::optional<Failure>> take_failure(Rows& rows) {
  const auto phase = rows.take<std::optional<std::string>>();
  const auto origin = rows.take<std::string>();
  const auto cause = rows.take<std::optional<std::string>>();
  auto message = rows.take<std::string>();
  if (!cause) return std::nullopt;
  const auto known_phase = phase.and_then(phase_from_string);
  const auto known_origin = origin_from_string(origin);
  const auto known_cause = cause_from_string(*cause);
  if (phase.has_value() != known_phase.has_value() || !known_origin || !known_cause) {
    return fatal(
        fmt::format("its failure {}, {}, {} is not known", phase.value_or("-"), origin, *cause));
  }
  return Failure{known_phase, *known_origin, *known_cause, std::move(message)};
}

}  // namespace firstbyte::collector
