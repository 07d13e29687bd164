#include "agent/identity/authority_fetch.h"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "common/certificates.h"

namespace firstbyte::agent {
namespace {

using Context = std::unique_ptr<SSL_CTX, OpenSslFree<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, OpenSslFree<SSL_free>>;
using Addresses = std::unique_ptr<addrinfo, OpenSslFree<freeaddrinfo>>;

std::unexpected<Error> unreachable(const std::string& collector, const std::string& why) {
  return fatal(fmt::format("cannot connect to {}: {}", collector, why), "--collector");
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

struct HostPort {
  std::string host;  // without brackets
  std::string port;
};

HostPort split(const std::string& collector) {
  const std::size_t colon = collector.rfind(':');
  HostPort parts{collector.substr(0, colon), collector.substr(colon + 1)};
  if (parts.host.starts_with('[') && parts.host.ends_with(']')) {
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  }
  return parts;
}

Expected<Socket> dial(const std::string& collector, std::chrono::seconds limit) {
  const HostPort parts = split(collector);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = ::getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found);
      code != 0) {
    return unreachable(collector, ::gai_strerror(code));
  }
  const Addresses addresses(found);
  int why = 0;
  for (const addrinfo* at = addresses.get(); at != nullptr; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    const timeval time{.tv_sec = limit.count(), .tv_usec = 0};
    // connect() keeps to the limit for sending.
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    if (::connect(socket.get(), at->ai_addr, at->ai_addrlen) == 0) return socket;
    why = errno == EINPROGRESS ? ETIMEDOUT : errno;
  }
  return unreachable(collector, std::generic_category().message(why));
}

}  // namespace

Expected<std::string> fetch_authority(const std::string& collector, const std::string& fingerprint,
                                      std::chrono::seconds limit) {
  const auto socket = dial(collector, limit);
  if (!socket) return std::unexpected(socket.error());
  const Context context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  const Tls tls(SSL_new(context.get()));
  constexpr std::array<unsigned char, 3> kHttp2{2, 'h', '2'};
  SSL_set_alpn_protos(tls.get(), kHttp2.data(), kHttp2.size());
  SSL_set_tlsext_host_name(tls.get(), split(collector).host.c_str());
  SSL_set_fd(tls.get(), socket->get());
  if (SSL_connect(tls.get()) != 1) {
    const std::string why = openssl_error();
    return fatal(fmt::format("{} does not answer as a collector with TLS: {}", collector, why),
                 "--collector");
  }
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(tls.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* shown = sk_X509_value(chain, i);
    if (firstbyte::fingerprint(*shown) == fingerprint) return to_pem(*shown);
  }
  return fatal(fmt::format("{} shows no certificate with this fingerprint: it is not the collector "
                           "that the join token is from, or somebody stands in between",
                           collector),
               "--ca-fingerprint");
}

}  // namespace firstbyte::agent
