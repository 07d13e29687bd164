// What the collector shows to agents that dial in, and which of theirs it believes. Thread-safe but
// for tick(), which one thread calls.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "collector/access/certificate_authority.h"
#include "common/certificates.h"
#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::collector {

class ServerTls {
 public:
  struct Options {
    std::filesystem::path folder;    // of ca.key, ca.pem and server.pem; made with mode 0700
    std::vector<std::string> names;  // host names and addresses by which agents dial
    // The operator's own certificate with its chain, its key, and the authority that both lead to;
    // looked at again every half minute. All empty: made here, for `names`.
    std::string certificate_file;
    std::string key_file;
    std::string ca_file;
    // Of the certificates that are made here; renewed after two thirds of it.
    std::chrono::seconds lifetime = std::chrono::days{90};
  };

  // The Error is kFatal and names the flag of the file that is to blame.
  static Expected<std::unique_ptr<ServerTls>> open(Options options, const Clock& clock);

  // Whose certificates say that somebody is an agent.
  const CertificateAuthority& authority() const { return authority_; }
  std::chrono::seconds lifetime() const { return options_.lifetime; }
  // What an agent has to trust so that it believes the collector, in PEM, and its fingerprint.
  const std::string& trust_pem() const { return trust_pem_; }
  const std::string& trust_fingerprint() const { return trust_fingerprint_; }

  // For one server. A client certificate must be of authority(); a client may have none, since one
  // that joins has none yet.
  std::shared_ptr<grpc::ServerCredentials> credentials() const;

  // Renews what is shown when it is time to; connections that exist stay as they are.
  void tick();

 private:
  ServerTls(Options options, const Clock& clock, CertificateAuthority authority);
  Expected<> show_own();
  Expected<> show_operators();
  // Once, at the start: gRPC's threads read it later, and agents that exist trust what they were
  // given.
  void trust(std::string pem, const X509& first);
  bool operators() const { return !options_.certificate_file.empty(); }
  std::filesystem::path file() const { return options_.folder / "server.pem"; }

  const Options options_;
  const Clock& clock_;
  const CertificateAuthority authority_;
  std::string trust_pem_;
  std::string trust_fingerprint_;
  PrivateKey key_;        // of the certificate that is made here
  std::string shown_;     // the content of server.pem
  WallTime next_look_{};  // when tick() has something to do
};

}  // namespace firstbyte::collector
