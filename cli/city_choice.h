// Which agents are meant by the cities that people type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace firstbyte::cli {

struct KnownAgent {
  std::string id;
  std::string city;
};

// The ids of the agents that have one of the `wanted` names as city or as id, each once. Neither
// ASCII case counts, nor whether words are parted by a blank, '-' or '_'. The Error names "--from"
// and, of a name that nobody has, those that are closest to it.
Expected<std::vector<std::string>> choose_agents(const std::vector<std::string>& wanted,
                                                 const std::vector<KnownAgent>& known);

}  // namespace firstbyte::cli
