// Whether a web server answers.
#pragma once

#include <chrono>
#include <string>

#include "lab/health/stream_socket.h"

namespace firstbyte::health {

// IP:PORT, an IPv6 address in brackets.
Expected<Address> parse_address(const std::string& text);

struct HttpCheck {
  Address address;
  std::string host;  // for the Host header
  std::string path;
  std::chrono::milliseconds timeout;
};

// One GET on a connection of its own. An Error's message is the reason, in a few words without
// quotation marks: "refused", "timeout", "status 503", "not HTTP".
Expected<> check_http(const HttpCheck& check);

}  // namespace firstbyte::health
