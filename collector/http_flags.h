// The flags that say who is answered over HTTP, and how.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/api/guard.h"
#include "collector/api/server_certificate.h"
#include "collector/api/test_limits.h"
#include "common/error.h"
#include "common/ip_address.h"

namespace CLI {
class App;
}

namespace firstbyte::collector {

// As typed, before it is understood.
struct HttpFlags {
  std::string access = "public";
  std::vector<std::string> hosts;
  CertificateFiles certificate;
  std::vector<std::string> trusted_proxies;
  TestLimitRates limits;
};

struct HttpSettings {
  HttpAccess access = HttpAccess::kPublic;
  std::vector<std::string> hosts;
  std::optional<CertificateFiles> certificate;  // absent: without TLS
  std::vector<Network> trusted_proxies;
  TestLimitRates limits;
};

// `flags` must live until the command line is parsed.
void declare_http(CLI::App& app, HttpFlags& flags);
// Errors name the flag.
Expected<HttpSettings> understand_http(const HttpFlags& flags);

}  // namespace firstbyte::collector
