#include "agent/probe/transfer_failure.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

constexpr const char* kNotHttp = "the answer is not valid HTTP";

Failure connect_failure(int error, const Endpoint& target) {
  const auto fail = [&](Origin origin, Cause cause, std::string_view what) {
    return Failure{Phase::kConnect, origin, cause,
                   fmt::format("{} port {} {}", target.ip, target.port, what)};
  };
  const auto of_agent = [](std::string message) {
    return Failure{Phase::kConnect, Origin::kAgent, Cause::kInternal, std::move(message)};
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
                  fmt::format("is unreachable: {}", std::generic_category().message(error)));
    case EADDRNOTAVAIL:
      return of_agent("this agent has no free port or address left to connect from");
    case ENOBUFS:
    case ENOMEM:
      return of_agent("this agent's host has no memory left for another connection");
    case EMFILE:
    case ENFILE:
      return of_agent("this agent has no file descriptor left for another connection");
    default:
      return fail(Origin::kNetwork, Cause::kUnreachable, "could not be connected to");
  }
}

Failure certificate_failure(const RefusedCertificate& refused) {
  const std::string_view whose =
      refused.depth == 0 ? "the certificate" : "the certificate of an issuer";
  const auto fail = [](Cause cause, std::string message) {
    return Failure{Phase::kTls, Origin::kTarget, cause, std::move(message)};
  };
  switch (refused.error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fail(Cause::kExpired, fmt::format("{} has expired", whose));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fail(Cause::kNotYetValid, fmt::format("{} is not valid yet", whose));
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return fail(Cause::kSelfSigned, "the certificate is signed by itself");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
      return fail(Cause::kUnknownIssuer, fmt::format("the certificate is not trusted: {}",
                                                     X509_verify_cert_error_string(refused.error)));
    default:
      return fail(
          Cause::kBadCertificate,
          fmt::format("{} is bad: {}", whose, X509_verify_cert_error_string(refused.error)));
  }
}

std::string alert_name(std::uint8_t alert) {
  // Of TLS 1.3, and unknown to OpenSSL's list.
  if (alert == SSL_AD_MISSING_EXTENSION) return "missing extension";
  if (alert == SSL_AD_CERTIFICATE_REQUIRED) return "certificate required";
  return SSL_alert_desc_string_long(alert);
}

// What OpenSSL says within libcurl's sentence: "…error:0A00010B:SSL routines::wrong version
// number, errno 0". Empty when it says nothing.
std::string_view openssl_reason(std::string_view text) {
  const auto error = text.find("error:");
  if (error == std::string_view::npos) return {};
  const auto colons = text.find("::", error);
  if (colons == std::string_view::npos) return {};
  const std::string_view reason = text.substr(colons + 2);
  return reason.substr(0, reason.find(", errno"));
}

bool was_reset(const Breakdown& breakdown) {
  return breakdown.os_error == ECONNRESET || breakdown.os_error == EPIPE;
}

class Explanation {
 public:
  explicit Explanation(const Breakdown& breakdown) : breakdown_(breakdown) {}

  Failure of_tls() const {
    const std::string_view reason = openssl_reason(breakdown_.text);
    if (was_reset(breakdown_)) {
      return fail(Cause::kReset, "the server reset the connection within the TLS handshake");
    }
    // What OpenSSL says, if anything, of a connection that has ended too early.
    if (reason.empty() || reason == "unexpected eof while reading") {
      return fail(Cause::kClosed, "the server closed the connection within the TLS handshake");
    }
    if (reason == "wrong version number") {
      return fail(Cause::kHandshake, "the server does not speak TLS on this port");
    }
    return fail(Cause::kHandshake, fmt::format("the TLS handshake failed: {}", reason));
  }

  Failure of_lost_connection() const {
    const std::string_view reason = openssl_reason(breakdown_.text);
    if (was_reset(breakdown_)) return fail(Cause::kReset, "the server reset the connection");
    if (breakdown_.text.ends_with("in chunked-encoding")) return of_nonsense();
    if (breakdown_.text.starts_with("Connection died, tried")) {
      return fail(Cause::kReset, "the server refused the HTTP/2 stream each time");
    }
    // libcurl says no more of HTTP/2 that it refuses to read on.
    if (reason.empty() && breakdown_.given_up) return of_nonsense();
    if (reason.empty() || reason == "unexpected eof while reading") return of_closed();
    return fail(Cause::kProtocol, fmt::format("the server broke the rules of TLS: {}", reason));
  }

  Failure of_closed() const {
    return fail(Cause::kClosed, breakdown_.phase == Phase::kTransfer
                                    ? "the server closed the connection within its answer"
                                    : "the server closed the connection without an answer");
  }

  // "HTTP/2 stream 1 was not closed cleanly: REFUSED_STREAM (err 7)": either side has ended it, we
  // for nothing else than an error in the protocol.
  Failure of_stream() const {
    constexpr std::string_view kUnclean = "not closed cleanly: ";
    const auto found = breakdown_.text.find(kUnclean);
    if (found == std::string_view::npos) return of_nonsense();
    std::string_view name = breakdown_.text.substr(found + kUnclean.size());
    name = name.substr(0, name.find(' '));
    if (name == "PROTOCOL_ERROR") return of_nonsense();
    return fail(Cause::kReset, fmt::format("the server reset the HTTP/2 stream: {}", name));
  }

  Failure of_nonsense() const {
    return fail(Cause::kProtocol, breakdown_.text.empty()
                                      ? std::string(kNotHttp)
                                      : fmt::format("{}: {}", kNotHttp, to_utf8(breakdown_.text)));
  }

  Failure fail(Cause cause, std::string message) const {
    return {breakdown_.phase, Origin::kTarget, cause, std::move(message)};
  }

 private:
  const Breakdown& breakdown_;
};

}  // namespace

Failure failure_of(const Breakdown& breakdown) {
  const Explanation explanation(breakdown);
  if (breakdown.phase == Phase::kConnect) {
    return connect_failure(breakdown.os_error, breakdown.target);
  }
  if (breakdown.alert) {
    Failure failure = explanation.fail(
        Cause::kAlert, fmt::format("the server ended TLS with the alert \"{}\" ({})",
                                   alert_name(*breakdown.alert), *breakdown.alert));
    failure.tls_alert = breakdown.alert;
    return failure;
  }
  // libcurl may say anything then: it takes the first error that OpenSSL met.
  if (breakdown.refused) return certificate_failure(*breakdown.refused);
  switch (breakdown.code) {
    case CURLE_PEER_FAILED_VERIFICATION:  // by libcurl itself, which compares the names
      return explanation.fail(Cause::kNameMismatch, "the certificate is not for this host name");
    case CURLE_SSL_CONNECT_ERROR:
      return explanation.of_tls();
    case CURLE_GOT_NOTHING:  // libcurl's word for HTTP/2 that it cannot read as well
      if (breakdown.given_up) return explanation.fail(Cause::kProtocol, kNotHttp);
      return explanation.of_closed();
    case CURLE_PARTIAL_FILE:
      return explanation.of_closed();
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
      return explanation.of_lost_connection();
    case CURLE_HTTP2_STREAM:
      return explanation.of_stream();
    case CURLE_OUT_OF_MEMORY:  // what libcurl says of a header beyond its bound of 100 kB
      return explanation.fail(Cause::kProtocol, "a header of the answer is longer than 100 kB");
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING:
      return explanation.of_nonsense();
    default:
      return {
          breakdown.phase, Origin::kAgent, Cause::kInternal,
          breakdown.text.empty() ? curl_easy_strerror(breakdown.code) : to_utf8(breakdown.text)};
  }
}

}  // namespace firstbyte::agent
