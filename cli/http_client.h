// Asks a collector over HTTP, one thing at a time, on the caller's thread.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte::cli {

struct CollectorAccess {
  std::string collector;  // as parse_collector() gives it
  std::string token;      // sent with each request; empty: none
  std::string ca_file;    // certificates that it is checked against; empty: the system's
};

// Errors are what the collector said in its own words (problem.h), or that it could not be reached
// (kTransient). Redirects are not followed: the token is for this collector.
class HttpClient {
 public:
  explicit HttpClient(CollectorAccess access);

  // The body of an answer of success. `path` begins behind "/api/v1".
  Expected<std::string> get(const std::string& path) const;
  Expected<std::string> post(const std::string& path, const std::string& json) const;

  // Gives the bytes of an event stream as they come, until `take` gives false or the stream ends,
  // which is no Error.
  Expected<> stream(const std::string& path, const std::string& last_event_id,
                    const std::function<bool(std::string_view)>& take) const;

 private:
  using Handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
  using HeaderList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;
  class Transfer;

  const CollectorAccess access_;
};

}  // namespace firstbyte::cli
