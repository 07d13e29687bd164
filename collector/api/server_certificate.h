// What the HTTP server shows of itself over TLS: a certificate and its key, from PEM files that may
// change while it runs.
#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::collector {

struct CertificateFiles {
  std::string certificate;  // the server's first, then those that lead to its root
  std::string key;          // without a passphrase, and closed to others
};

// One thread.
class ServerCertificate {
 public:
  // The Error names --http-certificate or --http-key.
  static Expected<ServerCertificate> load(CertificateFiles files);

  // For the next connection: TLS 1.2 or newer, HTTP/1.1 only. Looks at the files at most once a
  // second. What has changed and is not fit (half written, say) leaves what there was, and is
  // logged once.
  std::shared_ptr<SSL_CTX> context(MonotonicTime now);

 private:
  // Of both files; renewing one without the other shows as well.
  struct Version {
    std::pair<std::uint64_t, std::int64_t> certificate;  // inode and time of the last change in ns
    std::pair<std::uint64_t, std::int64_t> key;
    bool operator==(const Version&) const = default;
  };
  static Version version_of(const CertificateFiles& files);

  ServerCertificate(CertificateFiles files, Version version, std::shared_ptr<SSL_CTX> context)
      : files_(std::move(files)), version_(version), context_(std::move(context)) {}

  CertificateFiles files_;
  Version version_;
  std::shared_ptr<SSL_CTX> context_;
  MonotonicTime looked_at_{};
};

}  // namespace firstbyte::collector
