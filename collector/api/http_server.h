// The HTTP/1.1 server that carries the router: one I/O thread, a few workers for the handlers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/api/inherited_socket.h"
#include "collector/api/router.h"
#include "collector/api/server_certificate.h"
#include "common/error.h"
#include "common/ip_address.h"

namespace firstbyte::collector {

struct HttpServerOptions {
  std::string address;     // "127.0.0.1" or "::1"
  std::uint16_t port = 0;  // 0: any free one
  std::size_t workers = 4;
  std::size_t max_connections = 4096;        // one more is closed at once
  std::size_t max_body_bytes = 64 * 1024;    // 413 beyond
  std::size_t max_header_bytes = 16 * 1024;  // 431 beyond
  std::chrono::seconds idle_timeout{30};     // to read a whole request, to write a whole answer
  std::chrono::seconds handshake_timeout{10};
  std::chrono::seconds heartbeat{15};             // a comment line on quiet event streams
  std::optional<CertificateFiles> certificate{};  // absent: HTTP without TLS
  std::vector<Network> trusted_proxies{};         // whose X-Forwarded-For and -Proto are believed
  // Names under which the collector may be asked for, besides addresses and localhost. Checked when
  // there are any, and always when only this machine can reach the server: a page from elsewhere
  // could otherwise have its own name lead here (DNS rebinding) and read what was not meant for it.
  std::vector<std::string> hosts{};
  // Called after each answer, for a stream when it begins: route pattern, method, status, seconds.
  // On the I/O thread, so it must not block. Labels are bounded: Router::kNoRoute and "OTHER" stand
  // for the rest.
  std::function<void(std::string_view route, std::string_view method, unsigned status,
                     double seconds)>
      on_request;
};

class HttpServer {
 public:
  // Binds and listens; the Error names "--http", or the flag of a file of the certificate, and says
  // why it could not.
  static Expected<std::unique_ptr<HttpServer>> start(HttpServerOptions options,
                                                     std::shared_ptr<const Router> router);
  // Serves on a socket that listens already; the options' address and port are not used. The Error
  // names LISTEN_FDS.
  static Expected<std::unique_ptr<HttpServer>> start_on(InheritedSocket socket,
                                                        HttpServerOptions options,
                                                        std::shared_ptr<const Router> router);
  virtual ~HttpServer() = default;  // stops

  // Where it really listens: "127.0.0.1:8080", "[::1]:8080".
  virtual std::string endpoint() const = 0;
  virtual std::uint16_t port() const = 0;
  virtual std::size_t connections() const = 0;
  // Accepts nobody any more, lets running handlers finish, ends the event streams, returns when all
  // threads have ended (within about two seconds, unless a handler takes longer). Idempotent,
  // thread-safe; not to be called from a handler, an EventSource or on_request.
  virtual void stop() = 0;
};

}  // namespace firstbyte::collector
