// Why an exchange broke, in the words of a measurement.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "agent/probe/tls_facts.h"
#include "common/measurement.h"

namespace firstbyte::agent {

// All that is known of an exchange that libcurl has given up.
struct Breakdown {
  std::optional<Phase> phase;  // it was in
  CURLcode code = CURLE_OK;
  std::string_view text;              // libcurl's own sentence; may be empty
  int os_error = 0;                   // errno of the last system call that failed; 0: none did
  Endpoint target;                    // that was connected to
  std::optional<std::uint8_t> alert;  // that the server sent to end TLS
  std::optional<RefusedCertificate> refused;
  bool given_up = false;  // the connection was closed by this side alone
};

Failure failure_of(const Breakdown& breakdown);

}  // namespace firstbyte::agent
