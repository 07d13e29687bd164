// One local probe as a line of JSON: the API's shape of a city's result, with the URL. What only a
// collector can know (who the agent is, when the result arrived, how its clock goes) is null.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/measurement.h"

namespace firstbyte::agent {

// Where a result of a list comes from.
struct ListPlace {
  std::uint64_t line = 0;      // of the input, from 1
  std::optional<Micros> late;  // the start against its slot; absent without a rate
};

// Without a line end.
std::string result_json(const Measurement& measurement,
                        const std::optional<ListPlace>& place = std::nullopt);

}  // namespace firstbyte::agent
