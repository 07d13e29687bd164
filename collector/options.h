// The collector's command line.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "collector/access_flags.h"
#include "collector/http_flags.h"
#include "common/command_line.h"
#include "common/error.h"

namespace firstbyte::collector {

struct CollectorOptions {
  std::string http_address;
  std::uint16_t http_port = 0;
  bool http_given = false;  // --http was said; else it is the default
  HttpSettings http;
  std::string grpc_address;  // "IP:PORT"
  AccessOptions access;
  std::string data_dir;
  std::string targets_file;  // empty: none
  std::string edges_file;    // empty: none
  std::string default_url;
  std::string notice;
  std::string log_level;
  bool check_config = false;
};

// Errors name the flag.
Expected<std::variant<CollectorOptions, Printed>> parse_options(int argc, const char* const* argv);

}  // namespace firstbyte::collector
