// The wires and how each behaves, as the orchestrator writes them down.
#pragma once

#include <boost/json/fwd.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::wire {

// The same for both directions.
struct WireSettings {
  Micros delay{0};
  Micros jitter{0};         // each packet's delay is off by up to this much, either way
  double loss_percent = 0;  // of packets
  double rate_mbit = 0;     // 10^6 bits a second; 0: unlimited
  bool up = true;           // false: nothing passes, as in a power cut

  bool operator==(const WireSettings&) const = default;
};

inline constexpr Micros kLongestDelay{10'000'000};

struct WireConfig {
  std::string name;
  std::string a;  // interfaces of the current network namespace
  std::string b;
  WireSettings settings;
};

// {"wires": [{"name", "a", "b", "delay_us", …}]}. Errors are kInvalid and name the wire and the
// key.
Expected<std::vector<WireConfig>> parse_wires(std::string_view json);
Expected<std::vector<WireConfig>> load_wires(const std::string& file);

// `settings` with what `object` says of them; keys among `others` are left to the caller, any other
// is an error. The error's field is the key.
Expected<WireSettings> changed_settings(WireSettings settings, const boost::json::object& object,
                                        std::initializer_list<std::string_view> others);

// A JSON string that must be there and say something. The error's field is the key.
Expected<std::string> text_at(const boost::json::object& object, std::string_view key);

}  // namespace firstbyte::wire
