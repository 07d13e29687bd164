// The flags that say when a probe has failed: its limits in time, and what the answer must be.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/target.h"

namespace CLI {
class App;
}

namespace firstbyte {

// As typed, before it is understood.
struct ExpectationFlags {
  std::int64_t timeout_ms = 10'000;
  std::vector<std::string> limits;
  std::optional<std::string> status;
  std::vector<std::string> headers;
  std::optional<std::int64_t> certificate_days;
  std::optional<std::int64_t> ttfb_ms;
};

// `flags` must live until the command line is parsed.
void declare_expectations(CLI::App& app, ExpectationFlags& flags);
// Puts the limits and the expectations into the target, which knows its samples and its family by
// then. Errors name the flag.
Expected<> take_expectations(const ExpectationFlags& flags, Target& target);

}  // namespace firstbyte
