// libcurl's multi handle on the event loop, with the connections and TLS sessions it keeps. Loop
// thread only; outlives its transfers.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "agent/probe/address_policy.h"
#include "agent/probe/connection.h"
#include "agent/probe/event_loop.h"
#include "agent/probe/kernel_stamps.h"
#include "agent/probe/tls_context.h"
#include "agent/probe/trust_store.h"
#include "common/measurement.h"
#include "common/target_url.h"

namespace firstbyte::agent {

class HttpTransfer;

class HttpClient {
 public:
  // What an exchange leaves to those after it on the same client, should they ask for it.
  enum class Keep : std::uint8_t { kNothing, kSessions, kConnections };

  HttpClient(EventLoop& loop, TrustStore trust, AddressPolicy policy, Keep keep = Keep::kNothing);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  EventLoop& loop() { return loop_; }
  const AddressPolicy& policy() const { return policy_; }
  const TrustStore& trust() const { return trust_; }
  Keep keep() const { return keep_; }

 private:
  friend class HttpTransfer;
  using Sessions = std::shared_ptr<CURLSH>;

  void add(CURL* easy);
  void remove(CURL* easy);
  // A socket's connection, from here until libcurl closes it.
  std::shared_ptr<Connection> opened(int fd);
  int close_socket(int fd);
  // Null when there is none.
  std::shared_ptr<Connection> connection_between(const ConnectionEnds& ends) const;
  // The TLS sessions of earlier exchanges with this origin, which `anew` forgets; null when none
  // are kept.
  Sessions sessions_of(const TargetUrl& url, bool anew);

  void on_socket(CURL* easy, curl_socket_t fd, int what);
  void act(curl_socket_t fd, int events);
  void set_timer(long timeout_ms);
  void collect_finished();

  EventLoop& loop_;
  const TrustStore trust_;
  std::optional<TlsContext> tls_context_;  // while no connection leaves anything to another
  const AddressPolicy policy_;
  const Keep keep_;
  const StampingKept stamping_;
  CURLM* multi_;
  std::optional<EventLoop::TimerId> timer_;
  std::unordered_map<int, std::shared_ptr<Connection>> connections_;  // by descriptor
  std::unordered_map<std::string, Sessions> sessions_;                // by origin
};

}  // namespace firstbyte::agent
