// The certificates that servers are checked against, read once: libcurl would parse the whole
// bundle anew for each connection and count that as the server's time.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

#include "common/error.h"

namespace firstbyte::agent {

class TrustStore {
 public:
  // The Error names "--ca-file".
  static Expected<TrustStore> load(const std::string& ca_file);
  X509_STORE* get() const { return store_.get(); }

 private:
  explicit TrustStore(std::shared_ptr<X509_STORE> store) : store_(std::move(store)) {}
  std::shared_ptr<X509_STORE> store_;
};

}  // namespace firstbyte::agent
