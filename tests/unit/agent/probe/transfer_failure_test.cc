#include "agent/probe/transfer_failure.h"

#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <initializer_list>
#include <utility>

namespace firstbyte::agent {
namespace {

Breakdown within(Phase phase, CURLcode code, std::string_view text = "", int os_error = 0) {
  return {.phase = phase,
          .code = code,
          .text = text,
          .os_error = os_error,
          .target = {"192.0.2.1", 443},
          .alert = std::nullopt,
          .refused = std::nullopt};
}

Breakdown refused(int error, int depth = 0) {
  Breakdown breakdown = within(Phase::kTls, CURLE_PEER_FAILED_VERIFICATION);
  breakdown.refused = RefusedCertificate{error, depth};
  return breakdown;
}

// Regression: the network was blamed for what this agent or its host had run out of.
TEST(TransferFailure, TakesTheBlameForWhatTheAgentHasRunOutOf) {
  for (const int error : {EADDRNOTAVAIL, ENOBUFS, ENOMEM, EMFILE, ENFILE}) {
    const Failure failure = failure_of(within(Phase::kConnect, CURLE_COULDNT_CONNECT, "", error));
    EXPECT_EQ(failure.phase, Phase::kConnect) << error;
    EXPECT_EQ(failure.origin, Origin::kAgent) << error;
    EXPECT_EQ(failure.cause, Cause::kInternal) << error;
    EXPECT_TRUE(failure.message.starts_with("this agent")) << failure.message;
  }
}

TEST(TransferFailure, NamesEachThingThatCanComeOfAConnectionAttempt) {
  struct Case {
    int error;
    Origin origin;
    Cause cause;
    std::string_view message;
  };
  for (const Case& expected : std::initializer_list<Case>{
           {ECONNREFUSED, Origin::kTarget, Cause::kRefused,
            "192.0.2.1 port 443 refused the connection"},
           {ECONNRESET, Origin::kTarget, Cause::kReset,
            "192.0.2.1 port 443 reset the connection attempt"},
           {ETIMEDOUT, Origin::kNetwork, Cause::kTimeout,
            "192.0.2.1 port 443 did not answer the connection attempt"},
           {EHOSTUNREACH, Origin::kNetwork, Cause::kUnreachable,
            "192.0.2.1 port 443 is unreachable: No route to host"},
           {ENETUNREACH, Origin::kNetwork, Cause::kUnreachable,
            "192.0.2.1 port 443 is unreachable: Network is unreachable"},
           {EACCES, Origin::kNetwork, Cause::kUnreachable,
            "192.0.2.1 port 443 is unreachable: Permission denied"},
           {EPERM, Origin::kNetwork, Cause::kUnreachable,
            "192.0.2.1 port 443 is unreachable: Operation not permitted"},
       }) {
    const Failure failure =
        failure_of(within(Phase::kConnect, CURLE_COULDNT_CONNECT, "", expected.error));
    EXPECT_EQ(failure.phase, Phase::kConnect) << expected.message;
    EXPECT_EQ(failure.origin, expected.origin) << expected.message;
    EXPECT_EQ(failure.cause, expected.cause) << expected.message;
    EXPECT_EQ(failure.message, expected.message);
  }
}

TEST(TransferFailure, NamesEachThingThatCanBeWrongWithACertificate) {
  EXPECT_EQ(failure_of(refused(X509_V_ERR_CERT_HAS_EXPIRED)).cause, Cause::kExpired);
  EXPECT_EQ(failure_of(refused(X509_V_ERR_CERT_NOT_YET_VALID)).cause, Cause::kNotYetValid);
  EXPECT_EQ(failure_of(refused(X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT)).cause, Cause::kSelfSigned);
  EXPECT_EQ(failure_of(refused(X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)).cause, Cause::kUnknownIssuer);
  EXPECT_EQ(failure_of(refused(X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY)).cause,
            Cause::kUnknownIssuer);
  EXPECT_EQ(failure_of(refused(X509_V_ERR_INVALID_PURPOSE)).cause, Cause::kBadCertificate);
}

TEST(TransferFailure, SaysWhichCertificateOfTheChainItIs) {
  EXPECT_EQ(failure_of(refused(X509_V_ERR_CERT_HAS_EXPIRED, 1)).message,
            "the certificate of an issuer has expired");
}

// libcurl compares the names itself, when OpenSSL has found nothing wrong.
TEST(TransferFailure, TakesWhatOnlyLibcurlRefusesForAnotherName) {
  EXPECT_EQ(failure_of(within(Phase::kTls, CURLE_PEER_FAILED_VERIFICATION)).cause,
            Cause::kNameMismatch);
}

// Regression: libcurl takes the first error that OpenSSL met on its way, whatever came of it.
TEST(TransferFailure, BlamesTheCertificateWhateverLibcurlSays) {
  Breakdown breakdown = refused(X509_V_ERR_CERT_SIGNATURE_FAILURE);
  breakdown.code = CURLE_SSL_CONNECT_ERROR;
  breakdown.text = "error:06880006:asn1 encoding routines::EVP lib";
  EXPECT_EQ(failure_of(breakdown).cause, Cause::kBadCertificate);
}

TEST(TransferFailure, KeepsTheNumberOfAnAlertThatNobodyKnows) {
  Breakdown breakdown = within(Phase::kTls, CURLE_SSL_CONNECT_ERROR);
  breakdown.alert = 250;
  const Failure failure = failure_of(breakdown);
  EXPECT_EQ(failure.tls_alert, 250);
  EXPECT_EQ(failure.message, "the server ended TLS with the alert \"unknown\" (250)");
}

TEST(TransferFailure, TellsAResetFromAnEnd) {
  for (const Phase phase : {Phase::kWait, Phase::kTransfer}) {
    EXPECT_EQ(failure_of(within(phase, CURLE_RECV_ERROR, "", ECONNRESET)).cause, Cause::kReset);
    EXPECT_EQ(failure_of(within(phase, CURLE_SEND_ERROR, "", EPIPE)).cause, Cause::kReset);
    EXPECT_EQ(failure_of(within(phase, CURLE_RECV_ERROR,
                                "OpenSSL SSL_read: error:0A000126:SSL routines::unexpected eof "
                                "while reading, errno 0"))
                  .cause,
              Cause::kClosed);
  }
}

TEST(TransferFailure, QuotesWhatOpensslSays) {
  EXPECT_EQ(failure_of(within(Phase::kTls, CURLE_SSL_CONNECT_ERROR,
                              "error:0A000152:SSL routines::unsafe legacy renegotiation disabled"))
                .message,
            "the TLS handshake failed: unsafe legacy renegotiation disabled");
}

// A connection that was still whole was given up for what came over it.
TEST(TransferFailure, BlamesTheAnswerWhenTheServerDidNotClose) {
  // Of HTTP/2 that it refuses to read on, libcurl says no more than the code.
  for (const auto& [code, text] :
       {std::pair(CURLE_GOT_NOTHING, "Empty reply from server"), std::pair(CURLE_RECV_ERROR, "")}) {
    Breakdown breakdown = within(Phase::kWait, code, text);
    EXPECT_EQ(failure_of(breakdown).cause, Cause::kClosed) << text;
    breakdown.given_up = true;
    EXPECT_EQ(failure_of(breakdown).cause, Cause::kProtocol) << text;
  }
}

TEST(TransferFailure, TakesTheAgentsOwnFaultsOnItself) {
  const Failure failure = failure_of(within(Phase::kWait, CURLE_FAILED_INIT));
  EXPECT_EQ(failure.origin, Origin::kAgent);
  EXPECT_EQ(failure.cause, Cause::kInternal);
}

}  // namespace
}  // namespace firstbyte::agent
