// One HTTP exchange by libcurl on the event loop: pinned to one address, no redirect followed, the
// answer's body thrown away.
#pragma once

#include <curl/curl.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "agent/probe/http_client.h"
#include "agent/probe/phase_recorder.h"
#include "agent/probe/response_headers.h"
#include "common/measurement.h"
#include "common/target.h"
#include "common/target_url.h"

namespace firstbyte::agent {

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
  std::uint64_t body_bytes = 0;  // read; none is kept
  bool body_truncated = false;   // there was more, and reading stopped
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
  // What it takes over from the exchange before it on the same client, which must have been told to
  // keep it. Where that is gone it does without: its phases and `tls.resumed` show it.
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

  // What is known by now; until another exchange begins on the connection.
  HttpOutcome outcome() const;

 private:
  friend class HttpClient;
  static HttpTransfer& of(CURL* easy);
  template <typename T>
  void set(CURLoption option, T value);
  void set_request(const HttpRequest& request);
  void set_reuse(const HttpRequest& request);
  void set_callbacks();
  // Around libcurl's turn; gives the events that libcurl should be told.
  std::uint32_t before_action(std::uint32_t epoll_events, Micros away);
  void after_action();
  curl_socket_t open_socket(const curl_sockaddr& address);
  bool connected();
  bool on_header(std::string_view line);
  bool on_body(std::size_t bytes);
  bool on_handshake(SSL_CTX* context);
  bool on_prerequest(const ConnectionEnds& ends);
  void finished(CURLcode code);
  bool is_framed() const;
  std::optional<Failure> failure_of(CURLcode code) const;

  HttpClient& client_;
  PhaseRecorder& recorder_;
  HttpClient::Sessions sessions_;
  CURL* easy_;
  curl_slist* connect_to_ = nullptr;
  curl_slist* request_headers_ = nullptr;
  bool only_http2_ = false;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  Done done_;
  Endpoint target_;
  ResponseHeaders headers_;
  std::size_t head_bytes_ = 0;  // of all heads, those of interim answers too
  std::optional<std::string> refused_address_;
  bool head_too_long_ = false;
  bool body_ended_ = false;  // by its own account, not since the connection did
  HttpOutcome outcome_;
  std::shared_ptr<Connection> connection_;  // from its socket on
  // Null once this transfer is gone, for what it has posted to the loop.
  std::shared_ptr<HttpTransfer*> self_;
};

}  // namespace firstbyte::agent
