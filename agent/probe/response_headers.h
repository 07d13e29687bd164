// Collects response headers as they come off the wire: in order, lower-case names, bounded, secrets
// redacted, always valid UTF-8.
#pragma once

#include <string_view>

#include "common/measurement.h"

namespace firstbyte::agent {

// What stands for the value of a header that is a secret.
inline constexpr std::string_view kRedacted = "<redacted>";

class ResponseHeaders {
 public:
  // One line as libcurl hands it over, with its line end. A status line starts anew, so that after
  // an interim answer (103 Early Hints, say) only the final one's headers are kept.
  void add_line(std::string_view line);

  const Headers& headers() const { return headers_; }
  bool truncated() const { return truncated_; }

 private:
  Headers headers_;
  std::size_t bytes_ = 0;
  bool truncated_ = false;
};

}  // namespace firstbyte::agent
