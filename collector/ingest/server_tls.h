// What the collector shows to agents that dial in, and which of theirs it believes. Thread-safe but
// for tick(), which one thread calls.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collector/access/certificate_authority.h"
#include "common/certificates.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/mutex.h"

namespace firstbyte::collector {

class ServerTls {
 public:
  struct Options {
    std::filesystem::path folder;    // of ca.key, ca.pem and server.pem; made with mode 0700
    std::vector<std::string> names;  // host names and addresses by which agents dial
    // The operator's own certificate with its chain, its key, and the authorities that agents are
    // to trust, to one of which it leads; looked at again every half minute. All empty: made here,
    // for `names`.
    std::string certificate_file;
    std::string key_file;
    std::string ca_file;
    // Of the certificates that are made here; renewed after two thirds of it.
    std::chrono::seconds lifetime = std::chrono::days{90};
    // Told trust_fingerprint() before it is shown, at the start and when it becomes another one; an
    // Error keeps it from being shown. open() and tick() call it.
    std::function<Expected<>(const std::string& fingerprint)> on_trust = {};
  };

  // The Error is kFatal and names the flag of the file that is to blame.
  static Expected<std::unique_ptr<ServerTls>> open(Options options, const Clock& clock);
  // What open() would say of the operator's files; writes nothing.
  static Expected<> check_files(const Options& options);

  // Whose certificates say that somebody is an agent.
  const CertificateAuthority& authority() const { return authority_; }
  std::chrono::seconds lifetime() const { return options_.lifetime; }
  // What agents are to trust, in PEM, and the fingerprint of the one that the collector's
  // certificate leads to.
  std::string trust_pem() const EXCLUDES(mutex_);
  std::string trust_fingerprint() const EXCLUDES(mutex_);

  // For one server. A client certificate must be of authority(); a client may have none, since one
  // that joins has none yet.
  std::shared_ptr<grpc::ServerCredentials> credentials() const;

  // Renews what is shown when it is time to, or when the wall clock was set to where it is not
  // valid; connections that exist stay as they are.
  void tick();

 private:
  struct Trust {
    std::string pem;
    std::string fingerprint;
  };
  // The operator's files, once they fit together.
  struct Operators {
    std::string content;  // of server.pem
    Trust trust;
  };

  ServerTls(Options options, const Clock& clock, CertificateAuthority authority);
  static Expected<Operators> read_operators(const Options& options);
  Expected<> show_own() EXCLUDES(mutex_);
  Expected<> show_operators() EXCLUDES(mutex_);
  // Makes this the content of server.pem.
  Expected<> show(const std::string& content, Trust trust) EXCLUDES(mutex_);
  // Whether there is something to look at, or to make anew.
  bool is_due() const;
  bool operators() const { return !options_.certificate_file.empty(); }
  std::filesystem::path file() const { return options_.folder / "server.pem"; }

  const Options options_;
  const Clock& clock_;
  const CertificateAuthority authority_;
  mutable Mutex mutex_;
  // Agents learn it as they join and renew, in gRPC's threads.
  Trust trust_ GUARDED_BY(mutex_);
  PrivateKey key_;     // of the certificate that is made here
  ValidTime own_;      // from when until when that one is to be shown
  std::string shown_;  // the content of server.pem, once it is of the operator's files
  // Before then tick() has nothing to do. The wall clock could be set ahead of it, and back.
  MonotonicTime next_look_{};
};

}  // namespace firstbyte::collector
