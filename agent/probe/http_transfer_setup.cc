// What libcurl is told of an exchange before it begins.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probe/http_transfer.h"

namespace firstbyte::agent {
namespace {

constexpr const char* kUserAgent = "firstbyte-agent/" FIRSTBYTE_VERSION;

long curl_version_of(const HttpRequest& request) {
  switch (request.version) {
    case HttpVersion::kAuto:
      break;
    case HttpVersion::k1_1:
      return CURL_HTTP_VERSION_1_1;
    case HttpVersion::k2:
      return CURL_HTTP_VERSION_2TLS;
    case HttpVersion::k3:
      return CURL_HTTP_VERSION_3ONLY;
  }
  return CURL_HTTP_VERSION_2TLS;
}

bool has_header(const Headers& headers, const char* name) {
  return std::ranges::any_of(
      headers, [&](const auto& header) { return curl_strequal(header.first.c_str(), name) != 0; });
}

}  // namespace

template <typename T>
void HttpTransfer::set(CURLoption option, T value) {
  curl_easy_setopt(easy_, option, value);
}

void HttpTransfer::start(const HttpRequest& request, Done done) {
  const TargetUrl& url = request.url;
  const std::string& address = request.address;
  done_ = std::move(done);
  target_ = {address, request.port != 0 ? request.port : url.port};
  // Empty host and port match whatever libcurl reads from the URL, so that it cannot go anywhere
  // else.
  const bool v6 = address.find(':') != std::string::npos;
  connect_to_ = curl_slist_append(
      nullptr,
      fmt::format(fmt::runtime(v6 ? "::[{}]:{}" : "::{}:{}"), address, target_.port).c_str());
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_URL, url.text.c_str());
  set(CURLOPT_CONNECT_TO, connect_to_);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_USERAGENT, kUserAgent);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // whatever the environment says
  set_request(request);
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set_reuse(request);
  // The trust store comes in through the SSL context. Debian's libcurl has a CApath compiled in,
  // which would be parsed anew each time.
  set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  // The probe's deadline is the engine's; libcurl's own (300 s) must not come first.
  set(CURLOPT_CONNECTTIMEOUT_MS, 86'400'000L);
  set_callbacks();
  client_.add(easy_);
}

void HttpTransfer::set_request(const HttpRequest& request) {
  set(CURLOPT_HTTP_VERSION, curl_version_of(request));
  only_http2_ = request.version == HttpVersion::k2;
  const auto add_header = [&](const std::string& line) {
    request_headers_ = curl_slist_append(request_headers_, line.c_str());
  };
  if (request.method == Method::kHead) set(CURLOPT_NOBODY, 1L);
  if (request.method == Method::kPost) {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(CURLOPT_COPYPOSTFIELDS, request.body.data());
    // A colon with nothing behind it is a header that libcurl leaves out: it would wait a second
    // for a 100 Continue, and call any body a form.
    add_header("Expect:");
    if (!has_header(request.headers, "content-type")) add_header("Content-Type:");
  }
  for (const auto& [name, value] : request.headers) {
    // libcurl spells an empty value so.
    const bool empty = value.find_first_not_of(" \t") == std::string::npos;
    add_header(empty ? name + ";" : fmt::format("{}: {}", name, value));
  }
  set(CURLOPT_HTTPHEADER, request_headers_);
}

void HttpTransfer::set_reuse(const HttpRequest& request) {
  const bool keeps_connection = client_.keep() == HttpClient::Keep::kConnections;
  set(CURLOPT_FRESH_CONNECT, request.reuse == Reuse::kWarm ? 0L : 1L);
  set(CURLOPT_FORBID_REUSE, keeps_connection ? 0L : 1L);
  sessions_ = client_.sessions_of(request.url, request.reuse == Reuse::kCold);
  set(CURLOPT_SSL_SESSIONID_CACHE, sessions_ ? 1L : 0L);
  set(CURLOPT_SHARE, sessions_.get());
}

void HttpTransfer::set_callbacks() {
  set(CURLOPT_OPENSOCKETDATA, this);
  set(
      CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* address) {
        return static_cast<HttpTransfer*>(self)->open_socket(*address);
      });
  // The connection may outlive this transfer.
  set(CURLOPT_CLOSESOCKETDATA, &client_);
  set(
      CURLOPT_CLOSESOCKETFUNCTION, +[](void* client, curl_socket_t fd) {
        return static_cast<HttpClient*>(client)->close_socket(fd);
      });
  set(CURLOPT_SSL_CTX_DATA, this);
  set(
      CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* data) {
        auto* self = static_cast<HttpTransfer*>(data);
        return self->on_handshake(static_cast<SSL_CTX*>(context)) ? CURLE_OK
                                                                  : CURLE_ABORTED_BY_CALLBACK;
      });
  set(CURLOPT_PREREQDATA, this);
  set(
      CURLOPT_PREREQFUNCTION,
      +[](void* self, char* remote_ip, char* local_ip, int remote_port, int local_port) {
        const ConnectionEnds ends{.local = {local_ip, static_cast<std::uint16_t>(local_port)},
                                  .remote = {remote_ip, static_cast<std::uint16_t>(remote_port)}};
        return static_cast<HttpTransfer*>(self)->on_prerequest(ends) ? CURL_PREREQFUNC_OK
                                                                     : CURL_PREREQFUNC_ABORT;
      });
  set(CURLOPT_HEADERDATA, this);
  set(
      CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
        return static_cast<HttpTransfer*>(self)->on_header({data, size}) ? size : 0;
      });
  set(CURLOPT_WRITEDATA, this);
  set(
      CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void* self) {
        return static_cast<HttpTransfer*>(self)->on_body(size) ? size : 0;
      });
}

}  // namespace firstbyte::agent
