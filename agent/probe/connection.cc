#include "agent/probe/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

namespace firstbyte::agent {
namespace {

// One end of a socket: getsockname or getpeername.
std::optional<Endpoint> end_of(int fd, decltype(getsockname)* name_of) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (name_of(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return std::nullopt;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return Endpoint{text.data(), ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
  return Endpoint{text.data(), ntohs(v4.sin_port)};
}

// Where a TLS connection keeps whose it is.
int connection_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// libcurl's own, by the SSL context that it made.
using KeepSession = int (*)(SSL*, SSL_SESSION*);
int keep_session_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// A session that is kept is a copy. libcurl ends TLS over HTTP/2 without a word, and OpenSSL then
// has the session it was for never resumed.
void keep_copies(SSL_CTX* context) {
  const KeepSession keep = SSL_CTX_sess_get_new_cb(context);
  if (keep == nullptr) return;
  SSL_CTX_set_ex_data(context, keep_session_index(), reinterpret_cast<void*>(keep));
  SSL_CTX_sess_set_new_cb(
      context, +[](SSL* ssl, SSL_SESSION* session) {
        SSL_SESSION* copy = SSL_SESSION_dup(session);
        const auto libcurl_keeps = reinterpret_cast<KeepSession>(
            SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keep_session_index()));
        if (copy != nullptr && libcurl_keeps(ssl, copy) == 0) SSL_SESSION_free(copy);
        return 0;  // the session itself stays OpenSSL's
      });
}

}  // namespace

void Connection::connected() {
  watch_.connected();
  if (remote_) return;
  local_ = end_of(watch_.fd(), getsockname);
  remote_ = end_of(watch_.fd(), getpeername);
}

void Connection::attach(SSL_CTX* context, const TrustStore& trust) {
  watch_.expect_tls();
  // libcurl would do without, and most servers keep sessions nowhere else.
  SSL_CTX_clear_options(context, SSL_OP_NO_TICKET);
  keep_copies(context);
  SSL_CTX_set1_cert_store(context, trust.get());
  // Some libcurl may turn it on: then records are out of the socket before the watch can look.
  SSL_CTX_set_read_ahead(context, 0);
  SSL_CTX_set_msg_callback_arg(context, this);
  SSL_CTX_set_msg_callback(
      context, +[](int written, int /*version*/, int type, const void* data, std::size_t size,
                   SSL* ssl, void* self) {
        // The context may be everybody's; what it has of a connection, the connection keeps.
        SSL_set_ex_data(ssl, connection_index(), self);
        static_cast<Connection*>(self)->watch_.on_message(
            written != 0, type, static_cast<const unsigned char*>(data), size, ssl);
      });
  SSL_CTX_set_cert_verify_callback(
      context, +[](X509_STORE_CTX* chain, void*) { return verify(chain); }, nullptr);
}

// As OpenSSL does by itself. But what the server has shown is worth most when it is refused, and
// is gone by then.
int Connection::verify(X509_STORE_CTX* chain) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<Connection*>(SSL_get_ex_data(ssl, connection_index()));
  self->tls_ = read_tls_facts(ssl, X509_STORE_CTX_get0_cert(chain));
  const int verified = X509_verify_cert(chain);
  if (verified != 1) {
    self->refused_ = {X509_STORE_CTX_get_error(chain), X509_STORE_CTX_get_error_depth(chain)};
  }
  return verified;
}

void Connection::secured(const SSL* ssl) {
  // A certificate that was not shown again is the one that came with the earlier session.
  const X509* certificate = SSL_get0_peer_certificate(ssl);
  if (!tls_ && certificate != nullptr) tls_ = read_tls_facts(ssl, certificate);
  if (tls_) tls_->resumed = SSL_session_reused(ssl) == 1;
}

}  // namespace firstbyte::agent
