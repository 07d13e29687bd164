// Who and where an agent is, as an operator says it with flags.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/error.h"
#include "common/measurement.h"

namespace CLI {
class App;
}

namespace firstbyte {

// Empty or absent: not said.
struct GivenIdentity {
  std::string city{};
  std::string id{};
  std::string country{};
  std::string region{};
  std::optional<double> latitude{};
  std::optional<double> longitude{};
  std::optional<std::uint32_t> asn{};
};

// --country, --region, --latitude and --longitude: where a city lies that is not known.
void declare_place(CLI::App& app, GivenIdentity& given);

// With what a known city says of itself; one that is not known needs country and coordinates. The
// id is made from the city's name where there is none. The Error names the flag.
Expected<AgentIdentity> complete_identity(const GivenIdentity& given);

}  // namespace firstbyte
