// One HTTP exchange by libcurl on the event loop: always a new connection, pinned to one address,
// no redirect followed, the answer's body thrown away.
#pragma once

#include <curl/curl.h>
#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "agent/probe/address_policy.h"
#include "agent/probe/event_loop.h"
#include "agent/probe/phase_recorder.h"
#include "agent/probe/response_headers.h"
#include "agent/probe/wire_watch.h"
#include "common/error.h"
#include "common/measurement.h"
#include "common/target.h"
#include "common/target_url.h"

namespace firstbyte::agent {

// The certificates that servers are checked against, read once: libcurl would parse the whole
// bundle anew for each connection and count that as the server's time.
class TrustStore {
 public:
  // The Error names "--ca-file".
  static Expected<TrustStore> load(const std::string& ca_file);
  X509_STORE* get() const { return store_.get(); }

 private:
  explicit TrustStore(std::shared_ptr<X509_STORE> store) : store_(std::move(store)) {}
  std::shared_ptr<X509_STORE> store_;
};

class HttpTransfer;

// libcurl's multi handle on the loop. Loop thread only; outlives its transfers.
class HttpClient {
 public:
  HttpClient(EventLoop& loop, TrustStore trust, AddressPolicy policy);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  EventLoop& loop() { return loop_; }
  const AddressPolicy& policy() const { return policy_; }
  const TrustStore& trust() const { return trust_; }

 private:
  friend class HttpTransfer;
  void add(CURL* easy);
  void remove(CURL* easy);
  void on_socket(CURL* easy, curl_socket_t fd, int what);
  void act(curl_socket_t fd, int events);
  void set_timer(long timeout_ms);
  void collect_finished();

  EventLoop& loop_;
  const TrustStore trust_;
  const AddressPolicy policy_;
  const StampingKept stamping_;
  CURLM* multi_;
  std::optional<EventLoop::TimerId> timer_;
};

// What an exchange found out, complete or not.
struct HttpOutcome {
  std::optional<int> status;
  std::string http_version;
  std::optional<Endpoint> remote;
  std::optional<Endpoint> local;
  std::optional<TlsFacts> tls;
  std::optional<TcpConnection> tcp;
  Headers headers;
  bool headers_truncated = false;
  std::optional<Failure> failure;
  std::string redirect_to;  // the absolute URL that a redirect's Location leads to
};

// One exchange, as it is to be asked for.
struct HttpRequest {
  TargetUrl url;
  // The one to connect to; the URL's host stays in the Host header, SNI and certificate check.
  std::string address;
  std::uint16_t port = 0;  // to connect to; 0: the URL's
  Method method = Method::kGet;
  Headers headers{};
  std::string body{};
  HttpVersion version = HttpVersion::kAuto;
  // What it takes over from the exchange before it on the same client.
  Reuse reuse = Reuse::kCold;
};

class HttpTransfer {
 public:
  using Done = std::function<void()>;

  // Phases connect, tls, wait and transfer go into the recorder, which must outlive the transfer.
  HttpTransfer(HttpClient& client, PhaseRecorder& recorder);
  // Ends the exchange; `done` is not called any more.
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // `done` is called once, by the loop, never from within start().
  void start(const HttpRequest& request, Done done);

  // What is known by now.
  HttpOutcome outcome() const;

 private:
  friend class HttpClient;
  static HttpTransfer& of(CURL* easy);
  template <typename T>
  void set(CURLoption option, T value);
  void set_request(const HttpRequest& request);
  void set_callbacks();
  // Around libcurl's turn; gives the events that libcurl should be told.
  std::uint32_t before_action(std::uint32_t epoll_events);
  void after_action();
  curl_socket_t open_socket(const curl_sockaddr& address);
  int close_socket(curl_socket_t fd);
  void on_header(std::string_view line);
  void on_handshake(SSL_CTX* context);
  int verify(X509_STORE_CTX* chain);
  void on_prerequest(const char* remote_ip, const char* local_ip, int remote_port, int local_port);
  void finished(CURLcode code);
  bool is_framed() const;
  Failure failure_of(CURLcode code) const;

  HttpClient& client_;
  PhaseRecorder& recorder_;
  CURL* easy_;
  curl_slist* connect_to_ = nullptr;
  curl_slist* request_headers_ = nullptr;
  bool only_http2_ = false;
  Done done_;
  Endpoint target_;
  ResponseHeaders headers_;
  std::size_t body_bytes_ = 0;
  bool address_refused_ = false;
  bool body_cap_reached_ = false;
  bool body_ended_ = false;  // by its own account, not since the connection did
  HttpOutcome outcome_;
  std::optional<WireWatch> watch_;  // of the connection, from its socket on
  // Null once this transfer is gone, for what it has posted to the loop.
  std::shared_ptr<HttpTransfer*> self_;
};

}  // namespace firstbyte::agent
