// From what was typed to a collector that can be asked.
#pragma once

#include <string>
#include <vector>

#include "cli/collector_address.h"
#include "cli/command_line.h"
#include "cli/http_client.h"

namespace firstbyte::cli {

inline constexpr const char* kDefaultCollector = "http://127.0.0.1:8080";

// What the variables say; empty where they are not set.
struct Environment {
  std::string collector{};  // kCollectorVariable
  std::string token{};      // kTokenVariable
};

// The collector that was named, or the one whose addresses the tests were given by, or
// kDefaultCollector. An address of a test names a collector only where none is named and no token
// would be shown to it; tests of different collectors are refused.
Expected<CollectorAccess> find_collector(const CollectorOptions& options,
                                         const Environment& environment,
                                         const std::vector<TestReference>& tests);

}  // namespace firstbyte::cli
