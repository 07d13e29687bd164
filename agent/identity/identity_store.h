// Who this agent is, as its enrolment left it in the data folder: one file, `identity.pem`, with
// what it was enrolled as, its key and the certificates. One file, so that a key never stands
// beside another's certificate. One thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/clock.h"
#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::agent {

struct AgentCredentials {
  AgentIdentity identity;
  std::string collector;  // "HOST:PORT" that was joined
  // In PEM.
  std::string key;
  std::string certificate;
  std::string collector_ca;  // what the collector's own certificate leads to
  // Of the certificate, by the collector's clock.
  WallTime valid_from{};
  WallTime valid_until{};
};

class IdentityStore {
 public:
  explicit IdentityStore(const std::filesystem::path& folder) : file_(folder / "identity.pem") {}

  const std::filesystem::path& file() const { return file_; }

  // Absent when this agent has not joined. All Errors are kFatal, name "--data-dir" and say what to
  // do: a file that others may read, that is cut short, or whose parts do not belong together.
  Expected<std::optional<AgentCredentials>> load() const;
  // With mode 0600; whoever reads meanwhile sees the file as it was, or as it is then.
  Expected<> save(const AgentCredentials& credentials) const;

 private:
  const std::filesystem::path file_;
};

// What the parts say of each other: the certificate is for this agent and this key. Fills in its
// times.
Expected<> check_credentials(AgentCredentials& credentials);

// Whether the certificate is good now; the Error is kTransient, as the clock may be put right, and
// gives the time.
Expected<> check_valid(const AgentCredentials& credentials, WallTime now);

}  // namespace firstbyte::agent
