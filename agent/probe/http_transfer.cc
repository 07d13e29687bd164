#include "agent/probe/http_transfer.h"

#include <fmt/format.h>
#include <openssl/x509_vfy.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "agent/probe/tls_facts.h"

namespace firstbyte::agent {
namespace {

// Reading stops here: the probe times the answer, it does not collect it.
constexpr std::size_t kMaxBodyBytes = 64 * 1024;
constexpr const char* kUserAgent = "firstbyte-agent/" FIRSTBYTE_VERSION;

std::string http_version_text(long version) {
  switch (version) {
    case CURL_HTTP_VERSION_1_0:
      return "1.0";
    case CURL_HTTP_VERSION_1_1:
      return "1.1";
    case CURL_HTTP_VERSION_2_0:
      return "2";
    case CURL_HTTP_VERSION_3:
      return "3";
    default:
      return {};
  }
}

template <typename T>
T info(CURL* easy, CURLINFO what) {
  T value{};
  curl_easy_getinfo(easy, what, &value);
  return value;
}

Failure connect_failure(long error, const Endpoint& target) {
  const auto fail = [&](Origin origin, Cause cause, std::string_view what) {
    return Failure{Phase::kConnect, origin, cause,
                   fmt::format("{} port {} {}", target.ip, target.port, what)};
  };
  switch (error) {
    case ECONNREFUSED:
      return fail(Origin::kTarget, Cause::kRefused, "refused the connection");
    case ETIMEDOUT:
      return fail(Origin::kNetwork, Cause::kTimeout, "did not answer the connection attempt");
    case ECONNRESET:
      return fail(Origin::kTarget, Cause::kReset, "reset the connection attempt");
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EACCES:
    case EPERM:
      return fail(Origin::kNetwork, Cause::kUnreachable,
                  fmt::format("is unreachable: {}",
                              std::generic_category().message(static_cast<int>(error))));
    default:
      return fail(Origin::kNetwork, Cause::kUnreachable, "could not be connected to");
  }
}

Failure certificate_failure(long verify_result) {
  const auto fail = [](Cause cause, std::string message) {
    return Failure{Phase::kTls, Origin::kTarget, cause, std::move(message)};
  };
  switch (verify_result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fail(Cause::kExpired, "the certificate has expired");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fail(Cause::kExpired, "the certificate is not valid yet");
    // libcurl compares the names itself, before it takes over OpenSSL's result of a chain that is
    // fine.
    case X509_V_OK:
    case X509_V_ERR_UNSPECIFIED:
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fail(Cause::kNameMismatch, "the certificate is not for this host name");
    default:
      return fail(Cause::kUnknownIssuer, fmt::format("the certificate is not trusted: {}",
                                                     X509_verify_cert_error_string(verify_result)));
  }
}

}  // namespace

HttpTransfer::HttpTransfer(HttpClient& client, PhaseRecorder& recorder)
    : client_(client),
      recorder_(recorder),
      easy_(curl_easy_init()),
      self_(std::make_shared<HttpTransfer*>(this)) {}

HttpTransfer::~HttpTransfer() {
  *self_ = nullptr;
  client_.remove(easy_);
  curl_easy_cleanup(easy_);
  curl_slist_free_all(connect_to_);
}

HttpTransfer& HttpTransfer::of(CURL* easy) {
  return *reinterpret_cast<HttpTransfer*>(info<char*>(easy, CURLINFO_PRIVATE));
}

template <typename T>
void HttpTransfer::set(CURLoption option, T value) {
  curl_easy_setopt(easy_, option, value);
}

void HttpTransfer::start(const HttpRequest& request, Done done) {
  const TargetUrl& url = request.url;
  const std::string& address = request.address;
  done_ = std::move(done);
  target_ = {address, url.port};
  // Empty host and port match whatever libcurl reads from the URL, so that it cannot go anywhere
  // else.
  const bool v6 = address.find(':') != std::string::npos;
  connect_to_ = curl_slist_append(
      nullptr, fmt::format(fmt::runtime(v6 ? "::[{}]:{}" : "::{}:{}"), address, url.port).c_str());
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_URL, url.text.c_str());
  set(CURLOPT_CONNECT_TO, connect_to_);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_USERAGENT, kUserAgent);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");  // whatever the environment says
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Cold: a connection and a TLS session of its own.
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_SSL_SESSIONID_CACHE, 0L);
  // The trust store comes in through the SSL context. Debian's libcurl has a CApath compiled in,
  // which would be parsed anew each time.
  set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  // The probe's deadline is the engine's; libcurl's own (300 s) must not come first.
  set(CURLOPT_CONNECTTIMEOUT_MS, 86'400'000L);
  set_callbacks();
  client_.add(easy_);
}

void HttpTransfer::set_callbacks() {
  set(CURLOPT_OPENSOCKETDATA, this);
  set(
      CURLOPT_OPENSOCKETFUNCTION, +[](void* self, curlsocktype, curl_sockaddr* address) {
        return static_cast<HttpTransfer*>(self)->open_socket(*address);
      });
  set(CURLOPT_CLOSESOCKETDATA, this);
  set(
      CURLOPT_CLOSESOCKETFUNCTION, +[](void* self, curl_socket_t fd) {
        return static_cast<HttpTransfer*>(self)->close_socket(fd);
      });
  set(CURLOPT_SSL_CTX_DATA, this);
  set(
      CURLOPT_SSL_CTX_FUNCTION, +[](CURL*, void* context, void* data) {
        static_cast<HttpTransfer*>(data)->on_handshake(static_cast<SSL_CTX*>(context));
        return CURLE_OK;
      });
  set(CURLOPT_PREREQDATA, this);
  set(
      CURLOPT_PREREQFUNCTION,
      +[](void* self, char* remote_ip, char* local_ip, int remote_port, int local_port) {
        static_cast<HttpTransfer*>(self)->on_prerequest(remote_ip, local_ip, remote_port,
                                                        local_port);
        return CURL_PREREQFUNC_OK;
      });
  set(CURLOPT_HEADERDATA, this);
  set(
      CURLOPT_HEADERFUNCTION, +[](char* data, std::size_t, std::size_t size, void* self) {
        static_cast<HttpTransfer*>(self)->on_header({data, size});
        return size;
      });
  set(CURLOPT_WRITEDATA, this);
  set(
      CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void* self) {
        auto* transfer = static_cast<HttpTransfer*>(self);
        transfer->body_bytes_ += size;
        transfer->body_cap_reached_ = transfer->body_bytes_ > kMaxBodyBytes;
        return transfer->body_cap_reached_ ? std::size_t{0} : size;
      });
}

curl_socket_t HttpTransfer::open_socket(const curl_sockaddr& address) {
  // The last gate before the first packet: whatever was resolved, only allowed addresses are
  // dialled.
  if (!client_.policy().allows(&address.addr)) {
    address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  const int fd =
      socket(address.family, address.socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  outcome_.remote = target_;
  // Two connections in one probe (HTTP/2 that falls back, say) cannot be told apart by their
  // stamps.
  if (watch_) recorder_.wire().doubt_connection();
  watch_.emplace(fd);
  recorder_.enter(Phase::kConnect);
  return fd;
}

int HttpTransfer::close_socket(curl_socket_t fd) {
  if (watch_ && watch_->fd() == fd) watch_->closing();
  return close(fd);
}

std::uint32_t HttpTransfer::before_action(std::uint32_t epoll_events) {
  if (watch_) epoll_events = watch_->before_action(epoll_events);
  // libcurl may have noticed the connection by itself, and be further by now.
  if (recorder_.latest() != Phase::kConnect || (epoll_events & EPOLLOUT) == 0) return epoll_events;
  // A refused connection is writable too; its failure belongs to the phase that is still open.
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) == 0) recorder_.leave();
  return epoll_events;
}

void HttpTransfer::after_action() {
  if (watch_) watch_->after_action();
}

void HttpTransfer::on_header(std::string_view line) {
  if (watch_) watch_->response_began(line.starts_with("HTTP/2"));
  recorder_.enter(Phase::kTransfer);
  headers_.add_line(line);
}

// The connection is there, and the ClientHello is about to leave.
void HttpTransfer::on_handshake(SSL_CTX* context) {
  SSL_CTX_set1_cert_store(context, client_.trust().get());
  SSL_CTX_set_cert_verify_callback(
      context,
      +[](X509_STORE_CTX* chain, void* self) {
        return static_cast<HttpTransfer*>(self)->verify(chain);
      },
      this);
  if (watch_) {
    watch_->connected();
    watch_->attach(context);
  }
  outcome_.local = Endpoint{info<char*>(easy_, CURLINFO_LOCAL_IP),
                            static_cast<std::uint16_t>(info<long>(easy_, CURLINFO_LOCAL_PORT))};
  recorder_.enter(Phase::kTls);
}

// As OpenSSL does by itself. But what the server has shown is worth most when it is refused, and
// is gone by then.
int HttpTransfer::verify(X509_STORE_CTX* chain) {
  const void* ssl = X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx());
  outcome_.tls = read_tls_facts(static_cast<const SSL*>(ssl), X509_STORE_CTX_get0_cert(chain));
  return X509_verify_cert(chain);
}

void HttpTransfer::on_prerequest(const char* remote_ip, const char* local_ip, int remote_port,
                                 int local_port) {
  recorder_.leave();
  // libcurl may have come so far by a timer of its own.
  if (watch_) watch_->connected();
  outcome_.remote = Endpoint{remote_ip, static_cast<std::uint16_t>(remote_port)};
  outcome_.local = Endpoint{local_ip, static_cast<std::uint16_t>(local_port)};
  recorder_.enter(Phase::kWait);
}

void HttpTransfer::finished(CURLcode code) {
  if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && body_cap_reached_)) {
    outcome_.failure = failure_of(code);
  }
  body_ended_ = !outcome_.failure && (body_cap_reached_ || is_framed());
  recorder_.leave();
  // Done may destroy this transfer, which libcurl does not allow from within its own calls.
  client_.loop().post([self = self_] {
    if (*self == nullptr) return;
    const Done done = std::exchange((*self)->done_, nullptr);
    if (done) done();
  });
}

// Whether the answer tells where it ends. Otherwise it ends when the server closes the connection,
// which is waited for, and no byte of which there is a stamp.
bool HttpTransfer::is_framed() const {
  if (info<long>(easy_, CURLINFO_HTTP_VERSION) >= CURL_HTTP_VERSION_2_0) return true;
  if (info<curl_off_t>(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) >= 0) return true;
  return std::ranges::any_of(
      headers_.headers(), [](const auto& header) { return header.first == "transfer-encoding"; });
}

HttpOutcome HttpTransfer::outcome() const {
  HttpOutcome outcome = outcome_;
  outcome.headers = headers_.headers();
  outcome.headers_truncated = headers_.truncated();
  if (watch_) {
    watch_->tell(recorder_.wire(), body_ended_);
    outcome.tcp = watch_->connection();
  }
  if (const long status = info<long>(easy_, CURLINFO_RESPONSE_CODE); status != 0) {
    outcome.status = static_cast<int>(status);
    outcome.http_version = http_version_text(info<long>(easy_, CURLINFO_HTTP_VERSION));
  }
  return outcome;
}

Failure HttpTransfer::failure_of(CURLcode code) const {
  if (address_refused_) {
    return {std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed,
            client_.policy().refusal_of(target_.ip)};
  }
  const std::optional<Phase> phase = recorder_.latest();
  if (phase == Phase::kConnect)
    return connect_failure(info<long>(easy_, CURLINFO_OS_ERRNO), target_);
  const auto fail = [&](Cause cause, std::string message) {
    return Failure{phase, Origin::kTarget, cause, std::move(message)};
  };
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return certificate_failure(info<long>(easy_, CURLINFO_SSL_VERIFYRESULT));
    case CURLE_SSL_CONNECT_ERROR:
      return fail(Cause::kHandshake, "the TLS handshake failed");
    case CURLE_GOT_NOTHING:
      return fail(Cause::kClosed, "the server closed the connection without an answer");
    case CURLE_PARTIAL_FILE:
      return fail(Cause::kClosed, "the server closed the connection within its answer");
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return fail(Cause::kReset, "the connection was reset");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_OUT_OF_MEMORY:  // what libcurl says of a header beyond its bound of 100 kB
      return fail(Cause::kProtocol, "the answer is not valid HTTP");
    default:
      return {phase, Origin::kAgent, Cause::kInternal, curl_easy_strerror(code)};
  }
}

}  // namespace firstbyte::agent
