// HTTP/2 by hand (RFC 9113), for a server whose manners a test decides.
#pragma once

#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fakes/scripted_server.h"
#include "tests/fakes/tls_session.h"

namespace firstbyte::fakes::http2 {

enum class Type : std::uint8_t {
  kData = 0,
  kHeaders = 1,
  kSettings = 4,
  kPing = 6,
  kContinuation = 9,
};
constexpr std::uint8_t kEndHeaders = 4;
// The probe's only request.
constexpr std::uint32_t kStream = 1;

constexpr std::size_t kHeadBytes = 9;
constexpr std::size_t kMaxPayload = 16 * 1024;

inline std::string frame(Type type, std::uint8_t flags, std::uint32_t stream,
                         std::string_view payload) {
  std::string bytes;
  for (const unsigned shift : {16U, 8U, 0U}) {
    bytes += static_cast<char>(payload.size() >> shift);
  }
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(flags);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(stream >> shift);
  return bytes.append(payload);
}

// HPACK (RFC 7541): ":status: 200" and ":status: 103"; a field that goes into the dynamic table as
// its newest entry; that entry once more; a field that is kept nowhere.
inline const std::string kStatus200 = "\x88";
inline const std::string kStatus103 = std::string("\x08\x03") + "103";
inline const std::string kNewestEntry = "\xbe";
inline std::string text(std::string_view text) {
  // A length of 127 and more goes on in groups of seven bits.
  std::string bytes;
  std::size_t rest = text.size();
  if (rest < 127) {
    bytes += static_cast<char>(rest);
  } else {
    bytes += '\x7f';
    for (rest -= 127; rest >= 128; rest /= 128) bytes += static_cast<char>(rest % 128 + 128);
    bytes += static_cast<char>(rest);
  }
  return bytes.append(text);
}
inline std::string indexed_field(std::string_view name, std::string_view value) {
  return '\x40' + text(name) + text(value);
}
inline std::string field(std::string_view name, std::string_view value) {
  return std::string(1, '\0') + text(name) + text(value);
}

// The server's end of a connection on which HTTP/2 was agreed.
class Server {
 public:
  // With CERTIFICATE.crt and CERTIFICATE.key.
  Server(ScriptedServer::Connection& connection, const std::string& certificate)
      : fd_(connection.socket().fd()), tls_(connection.socket(), certificate, &agree) {}

  // Up to the request, and this end's first word. False when there is none.
  bool accept() {
    if (!tls_.accept()) return false;
    std::string bytes;
    while (!has_request(bytes)) {
      const std::string more = tls_.receive();
      if (more.empty()) return false;
      bytes += more;
    }
    return send(frame(Type::kSettings, 0, 0, ""));
  }

  // What the other side has sent meanwhile is read first. False once it is gone.
  bool send(std::string_view bytes) {
    pollfd waiting{.fd = fd_, .events = POLLIN, .revents = 0};
    while (::poll(&waiting, 1, 0) == 1) {
      if (tls_.receive().empty()) return false;
    }
    return tls_.send(bytes);
  }
  // Leaves unread what the other side sends.
  bool send_deaf(std::string_view bytes) { return tls_.send(bytes); }
  void wait_for_end() { tls_.wait_for_end(); }

 private:
  static constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  static void agree(SSL_CTX* context) {
    SSL_CTX_set_alpn_select_cb(
        context,
        [](SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
           unsigned offered_size, void*) {
          static constexpr std::array<unsigned char, 3> kH2{2, 'h', '2'};
          return SSL_select_next_proto(const_cast<unsigned char**>(chosen), size, kH2.data(),
                                       kH2.size(), offered, offered_size) == OPENSSL_NPN_NEGOTIATED
                     ? SSL_TLSEXT_ERR_OK
                     : SSL_TLSEXT_ERR_ALERT_FATAL;
        },
        nullptr);
  }

  static bool has_request(std::string_view bytes) {
    if (!bytes.starts_with(kPreface)) return false;
    bytes.remove_prefix(kPreface.size());
    while (bytes.size() >= kHeadBytes) {
      if (bytes[3] == static_cast<char>(Type::kHeaders)) return true;
      const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
      const std::size_t size = kHeadBytes + (byte(0) << 16U | byte(1) << 8U | byte(2));
      if (bytes.size() < size) return false;
      bytes.remove_prefix(size);
    }
    return false;
  }

  const int fd_;
  TlsSession tls_;
};

}  // namespace firstbyte::fakes::http2
