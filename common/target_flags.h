// The flags that say how a URL is asked for: a Target but for its URL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/expectation_flags.h"
#include "common/target.h"

namespace CLI {
class App;
}

namespace firstbyte {

// As typed, before it is understood.
struct TargetFlags {
  std::optional<std::string> method;
  std::vector<std::string> headers;
  std::optional<std::string> body;
  std::string http_version = "auto";
  std::optional<std::string> family;
  bool only_ipv4 = false;
  bool only_ipv6 = false;
  std::optional<std::string> connect_to;
  std::int64_t redirects = 0;
  std::string reuse = "cold";
  std::int64_t samples = 1;
  ExpectationFlags expectations;
};

// `flags` must live until the command line is parsed.
void declare_target(CLI::App& app, TargetFlags& flags);
// Errors name the flag. The URL is left empty.
Expected<Target> understand_target(const TargetFlags& flags);

}  // namespace firstbyte
