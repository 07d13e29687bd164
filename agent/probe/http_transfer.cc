#include "agent/probe/http_transfer.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "agent/probe/transfer_failure.h"

namespace firstbyte::agent {
namespace {

// Reading stops here: the probe times the answer, it does not collect it.
constexpr std::size_t kMaxBodyBytes = 64 * 1024;
// Of headers libcurl bounds the single one only.
constexpr std::size_t kMaxHeadBytes = 256 * 1024;

// The protocol names that ALPN offers, each behind its length.
constexpr std::array<unsigned char, 3> kOnlyHttp2{2, 'h', '2'};

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

// Where a Location leads to from there; as it stands when it is no URL.
std::string resolved(const char* base, const char* location) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url(curl_url(), curl_url_cleanup);
  char* text = nullptr;
  if (curl_url_set(url.get(), CURLUPART_URL, base, 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, location, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) {
    return location;
  }
  const std::unique_ptr<char, decltype(&curl_free)> owned(text, curl_free);
  return text;
}

template <typename T>
T info(CURL* easy, CURLINFO what) {
  T value{};
  curl_easy_getinfo(easy, what, &value);
  return value;
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
  curl_easy_cleanup(easy_);  // the last to use sessions_
  curl_slist_free_all(connect_to_);
  curl_slist_free_all(request_headers_);
}

HttpTransfer& HttpTransfer::of(CURL* easy) {
  return *reinterpret_cast<HttpTransfer*>(info<char*>(easy, CURLINFO_PRIVATE));
}

curl_socket_t HttpTransfer::open_socket(const curl_sockaddr& address) {
  // The last gate before the first packet: whatever was resolved, only allowed addresses are
  // dialled.
  if (!client_.policy().allows(&address.addr)) {
    refused_address_ = target_.ip;
    return CURL_SOCKET_BAD;
  }
  const int fd =
      socket(address.family, address.socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, address.protocol);
  if (fd < 0) return CURL_SOCKET_BAD;
  outcome_.remote = target_;
  // libcurl asks once more where it may: the kept connection was closed under the request, or the
  // server does not want HTTP/2 after all. Until now there was no connection that counts, then.
  if (connection_) recorder_.back_to(Phase::kConnect);
  connection_ = client_.opened(fd);
  recorder_.enter(Phase::kConnect);
  return fd;
}

std::uint32_t HttpTransfer::before_action(std::uint32_t epoll_events, Micros away) {
  if (connection_) epoll_events = connection_->watch().before_action(epoll_events, away);
  // libcurl may have noticed the connection by itself, and be further by now.
  if (recorder_.latest() != Phase::kConnect || (epoll_events & EPOLLOUT) == 0) return epoll_events;
  // A refused connection is writable too; its failure belongs to the phase that is still open.
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) == 0) recorder_.leave();
  return epoll_events;
}

void HttpTransfer::after_action() {
  if (connection_) connection_->watch().after_action();
}

// False when it leads elsewhere than it may; nothing has been sent then.
bool HttpTransfer::connected() {
  connection_->connected();
  outcome_.local = connection_->local();
  if (connection_->remote()) outcome_.remote = connection_->remote();
  if (client_.policy().allows(outcome_.remote->ip)) return true;
  refused_address_ = outcome_.remote->ip;
  return false;
}

// The connection is there, and the ClientHello is about to leave.
bool HttpTransfer::on_handshake(SSL_CTX* context) {
  if (!connected()) return false;
  connection_->attach(context, client_.trust());
  // libcurl would offer HTTP/1.1 as well.
  if (only_http2_) SSL_CTX_set_alpn_protos(context, kOnlyHttp2.data(), kOnlyHttp2.size());
  recorder_.enter(Phase::kTls);
  return true;
}

bool HttpTransfer::on_prerequest(const ConnectionEnds& ends) {
  recorder_.leave();
  if (connection_ && !connected()) return false;
  if (!connection_ || !connection_->is_between(ends)) {  // one that was kept
    connection_ = client_.connection_between(ends);
    if (!connection_ || !connected()) return false;
    connection_->watch().begin_again();
  }
  if (const auto* tls = info<curl_tlssessioninfo*>(easy_, CURLINFO_TLS_SSL_PTR);
      tls->internals != nullptr) {
    connection_->secured(static_cast<const SSL*>(tls->internals));
  }
  recorder_.enter(Phase::kWait);
  return true;
}

bool HttpTransfer::on_header(std::string_view line) {
  connection_->watch().response_began(line.starts_with("HTTP/2"));
  recorder_.enter(Phase::kTransfer);
  headers_.add_line(line);
  head_bytes_ += line.size();
  head_too_long_ = head_bytes_ > kMaxHeadBytes;
  return !head_too_long_;
}

bool HttpTransfer::on_body(std::size_t bytes) {
  outcome_.body_truncated = outcome_.body_bytes + bytes > kMaxBodyBytes;
  outcome_.body_bytes = std::min(outcome_.body_bytes + bytes, kMaxBodyBytes);
  return !outcome_.body_truncated;
}

void HttpTransfer::finished(CURLcode code) {
  after_action();
  outcome_.failure = failure_of(code);
  body_ended_ = !outcome_.failure && (outcome_.body_truncated || is_framed());
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
  if (std::string_view(info<char*>(easy_, CURLINFO_EFFECTIVE_METHOD)) == "HEAD") return true;
  if (info<curl_off_t>(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) >= 0) return true;
  return std::ranges::any_of(
      headers_.headers(), [](const auto& header) { return header.first == "transfer-encoding"; });
}

HttpOutcome HttpTransfer::outcome() const {
  HttpOutcome outcome = outcome_;
  outcome.headers = headers_.headers();
  outcome.headers_truncated = headers_.truncated();
  if (connection_) {
    connection_->watch().tell(recorder_.wire(), body_ended_);
    outcome.tcp = connection_->watch().connection();
    outcome.tls = connection_->tls();
  }
  if (const long status = info<long>(easy_, CURLINFO_RESPONSE_CODE); status != 0) {
    outcome.status = static_cast<int>(status);
    outcome.http_version = http_version_text(info<long>(easy_, CURLINFO_HTTP_VERSION));
  }
  // libcurl's own CURLINFO_REDIRECT_URL is there only when the body was read to its end.
  curl_header* location = nullptr;
  if (curl_easy_header(easy_, "location", 0, CURLH_HEADER, -1, &location) == CURLHE_OK) {
    outcome.redirect_to = resolved(info<char*>(easy_, CURLINFO_EFFECTIVE_URL), location->value);
  }
  return outcome;
}

std::optional<Failure> HttpTransfer::failure_of(CURLcode code) const {
  if (refused_address_) {
    return Failure{std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed,
                   client_.policy().refusal_of(*refused_address_)};
  }
  if (code == CURLE_OK || outcome_.body_truncated) return std::nullopt;
  if (head_too_long_) {
    return Failure{
        recorder_.latest(), Origin::kTarget, Cause::kProtocol,
        fmt::format("the head of the answer is longer than {} kB", kMaxHeadBytes / 1024)};
  }
  if (connection_ && connection_->watch().flooded()) {
    return Failure{recorder_.latest(), Origin::kTarget, Cause::kProtocol,
                   "the server sends without end what is no answer"};
  }
  return agent::failure_of({
      .phase = recorder_.latest(),
      .code = code,
      .text = error_text_.data(),
      .os_error = static_cast<int>(info<long>(easy_, CURLINFO_OS_ERRNO)),
      .target = target_,
      .alert = connection_ ? connection_->watch().alert() : std::nullopt,
      .refused = connection_ ? connection_->refused() : std::nullopt,
      .given_up = connection_ && connection_->watch().given_up(),
  });
}

}  // namespace firstbyte::agent
