// The collector's own certificate authority: who it says is an agent is one. Thread-safe.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/certificates.h"
#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::collector {

// Certificates are valid from so long before they are made, for agents whose clocks are behind;
// short ones from a tenth of their lifetime.
inline constexpr std::chrono::minutes kBackdated{10};

struct ValidTime {
  WallTime from{};
  WallTime until{};
};
// From `lifetime` on from now, backdated.
ValidTime valid_for(WallTime now, std::chrono::seconds lifetime);

class CertificateAuthority {
 public:
  // Reads `ca.key` (mode 0600) and `ca.pem` in the folder, or makes both, good for twenty years: an
  // EC key on P-256 and a certificate signed by itself. An operator's own in their place is taken
  // as it is. The Error is kFatal and names "--data-dir"; a certificate without its key is one,
  // since every agent would have to be enrolled anew without anyone having decided so.
  static Expected<CertificateAuthority> open(const std::filesystem::path& folder, WallTime now);

  const std::string& certificate_pem() const { return pem_; }
  const X509& certificate() const { return *certificate_; }

  // For the agent alone: its URI, for TLS clients. `request` is PKCS #10 in PEM, signed by its own
  // key on P-256, whose common name, if there is one, is the agent's id; nothing else of it counts.
  // The Error is kInvalid and says what is wrong with the request.
  Expected<Certificate> issue_agent(std::string_view agent_id, std::string_view request,
                                    ValidTime valid) const;
  // For the collector: host names and IP addresses, for TLS servers.
  Expected<Certificate> issue_server(const std::vector<std::string>& names, EVP_PKEY& key,
                                     ValidTime valid) const;

 private:
  CertificateAuthority(PrivateKey key, Certificate certificate);

  PrivateKey key_;
  Certificate certificate_;
  std::string pem_;
};

}  // namespace firstbyte::collector
