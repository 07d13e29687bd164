// The flags that say how agents are let in.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "common/error.h"

namespace CLI {
class App;
}

namespace firstbyte::collector {

// As typed, before it is understood.
struct AccessFlags {
  bool insecure = false;
  std::vector<std::string> names;
  std::string certificate;
  std::string key;
  std::string ca;
  std::string lifetime = "90d";
};

struct AccessOptions {
  bool insecure = false;  // plaintext, and everyone is who it says
  // By which agents dial: host names and addresses without brackets; the first is what an enrolment
  // prints.
  std::vector<std::string> names;
  // The operator's own certificate; all empty, or none.
  std::string certificate_file;
  std::string key_file;
  std::string ca_file;
  std::chrono::seconds certificate_lifetime{};
};

// `flags` must live until the command line is parsed.
void declare_access(CLI::App& app, AccessFlags& flags);
// `grpc` is where agents dial in, "ADDR:PORT". Errors name the flag.
Expected<AccessOptions> understand_access(const AccessFlags& flags, const std::string& grpc);

}  // namespace firstbyte::collector
