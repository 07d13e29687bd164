// The one place that says which URLs may be probed. The collector asks it before it stores a test,
// the agent before it measures.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte {

inline constexpr std::size_t kMaxUrlLength = 2048;

struct TargetUrl {
  std::string text;  // normalised: a path is always there, the fragment never
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 literal
  std::uint16_t port = 0;
  bool host_is_address = false;
};

// Refuses, naming the field "/url": a missing URL, another scheme than http or https, no host,
// credentials, a host name that DNS cannot ask for or that others read as an address, a port out of
// range, more than kMaxUrlLength characters (before or after normalising). Nothing is converted: a
// host name beyond ASCII must be in punycode, other characters percent-encoded, and the sentence
// says which.
Expected<TargetUrl> parse_target_url(std::string_view text);

}  // namespace firstbyte
