// The installed curl, asked for the same target at the same address, and what its --write-out says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/measurement.h"
#include "common/target.h"

namespace firstbyte::agent {

// Since curl's start; what it did not reach (0 in its JSON) is absent.
struct CurlReport {
  std::string version;  // "7.88.1"
  std::optional<Micros> namelookup;
  std::optional<Micros> connect;
  std::optional<Micros> appconnect;
  std::optional<Micros> pretransfer;
  std::optional<Micros> starttransfer;
  std::optional<Micros> total;
  std::optional<int> status;
  std::string http_version;  // "1.1", "2"; empty before an answer
  std::int64_t body_bytes = 0;
  std::string error;  // empty when it got an answer
};

struct CurlRequest {
  // Its redirects, samples, limits of phases and expectations are not for curl.
  Target target;
  Endpoint address;  // to connect to, whatever the URL's host
  std::string ca_file;
};

// Without the program's name. Nothing of the user's own configuration or environment is left to
// change the request.
std::vector<std::string> curl_arguments(const CurlRequest& request);
Expected<CurlReport> parse_curl_report(std::string_view json);
// Takes as long as the request, its timeout at most. The Error says that there is no curl, or that
// it said nothing that is understood.
Expected<CurlReport> run_curl(const CurlRequest& request);

}  // namespace firstbyte::agent
