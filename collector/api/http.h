// HTTP as plain values: what handlers take and give, without a word of the server that carries it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/ip_address.h"

namespace firstbyte::collector {

struct HttpRequest {
  std::string method;                          // "GET"
  std::string path;                            // decoded, printable UTF-8, without the query
  std::map<std::string, std::string> query;    // decoded; of a parameter given twice the first
  std::map<std::string, std::string> headers;  // names in lower case; repeated ones joined by ", "
  std::map<std::string, std::string> path_parameters;  // filled by the router: {"id": "..."}
  std::string body;
  IpAddress client{};   // who asks, as far as trusted proxies tell
  bool secure = false;  // what is answered travels encrypted

  std::string_view header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string_view{} : std::string_view{found->second};
  }
};

struct HttpResponse {
  unsigned status = 200;
  std::string content_type;  // empty: no body is sent
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Sent instead of `body` when set, without a copy: bytes that live as long as the process
  // (embedded assets).
  std::optional<std::string_view> static_body;
};

// An RFC 9457 problem document. `field` is a JSON pointer ("/url") or empty.
HttpResponse problem(unsigned status, std::string_view slug, std::string_view title,
                     std::string detail, std::string_view field = {});
// The 404 problem of a path where nothing is.
HttpResponse not_found(std::string_view path);

// One viewer's stream of server-sent events. Called and destroyed by the server's I/O thread only,
// so nothing in it may block. The server asks to be woken first and takes for the first time after
// that.
class EventSource {
 public:
  struct Frames {
    std::vector<std::shared_ptr<const std::string>> frames;  // encoded, each ends with a blank line
    bool ended = false;                                      // no more will follow
  };

  virtual ~EventSource() = default;
  // All that waits for this viewer.
  virtual Frames take() = 0;
  // `wake` is called, by any thread, each time that something may wait again. It neither blocks nor
  // calls the source, so it may be called under the source's lock. Destroying the source ends the
  // calls.
  virtual void on_ready(std::function<void()> wake) = 0;
};

using HttpReply = std::variant<HttpResponse, std::unique_ptr<EventSource>>;
// Runs on a worker thread and may block for as long as a database query takes.
using HttpHandler = std::function<HttpReply(const HttpRequest&)>;

}  // namespace firstbyte::collector
