// Which agents may connect: enrolled by a join token, known by their certificate, until they are
// revoked. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/access/access_database.h"
#include "collector/access/certificate_authority.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte::collector {

struct EnrolledAgent {
  AgentIdentity identity;
  // Of the certificate that ends last and was not revoked; of a revoked agent, the last it had.
  std::string serial;  // empty when there is none
  std::string fingerprint;
  std::optional<WallTime> certificate_expires_at;
  WallTime enrolled_at{};
  std::optional<WallTime> last_seen_at;  // to the half minute while it is connected
  std::optional<WallTime> revoked_at;
  bool connected = false;
};

// A connection as its certificate names it.
struct AgentPeer {
  std::string id;
  // Of the certificate itself; another authority could have given out the same serial.
  std::string fingerprint;
};

// An agent renews its certificate once in a lifetime, and again when the answer got lost or could
// not be kept, at intervals of up to an hour; each is a commit and a row until it has ended.
inline constexpr int kMostRenewals = 8;

class AgentAccess {
 public:
  struct JoinToken {
    std::string token;  // shown once; only its hash is kept
    WallTime expires_at{};
  };
  struct Issued {
    AgentIdentity identity;
    Certificate certificate;
  };
  // How a refusal ends: whether the one who asked can mend it.
  enum class Refusal : std::uint8_t {
    kBadRequest,  // what it asked makes no sense
    kNotKnown,    // it is not who it would have to be
    kEnded,       // its certificate is not good any more, by a clock that may be wrong
    kRevoked,     // it was, and is not any more
    kTaken,       // the id is another's
    kTooOften,    // it asked for more than anyone needs, and may again later
    kNotNow,      // the database cannot be asked
  };
  struct Refused {
    Refused(Refusal refusal, std::string sentence) : why(refusal), message(std::move(sentence)) {}
    // Implicit: whatever the database says is not the asker's fault.
    Refused(const Error& error) : why(Refusal::kNotNow), message(error.message) {}
    Refusal why;
    std::string message;  // one sentence
  };
  template <typename T>
  using Answer = std::expected<T, Refused>;

  // Database and clock must outlive it.
  AgentAccess(AccessDatabase& database, const Clock& clock) : database_(database), clock_(clock) {}

  // ---- the operator's

  // Good once, for an agent with this identity. An id that is enrolled already, or was revoked,
  // takes `replace`: at the join its former certificates are revoked, and it may return. The Error
  // names "--id".
  Expected<JoinToken> enroll(const AgentIdentity& identity, std::chrono::seconds lifetime,
                             bool replace);
  // By id.
  Expected<std::vector<EnrolledAgent>> list();
  // With its certificates, those to come, and its unused join tokens. The Error is kInvalid when
  // there is nothing to revoke.
  Expected<> revoke(std::string_view agent_id);

  // ---- the agents'

  // The token is used up when this gives a certificate, and only then.
  Answer<Issued> join(std::string_view token, std::string_view request,
                      const CertificateAuthority& authority, std::chrono::seconds lifetime);
  // At most kMostRenewals in a hundredth of the lifetime.
  Answer<Issued> renew(const AgentPeer& peer, std::string_view request,
                       const CertificateAuthority& authority, std::chrono::seconds lifetime);
  // Whether the peer may be connected now, and as whom: by the id and by the certificate's
  // fingerprint, of which neither may be revoked, and only while the agent has a certificate that
  // has not ended.
  Answer<AgentIdentity> admit(const AgentPeer& peer);

  // Whether an answer of admit() may be another one than at the last call.
  bool changed();
  // Forgets certificates that have ended, but for the one that list() shows of each agent. Only
  // while nobody is connected: a stream goes on after its certificate's end, and is known by it.
  void forget_ended();
  // Those that are connected at present, for list().
  void note_connected(const std::set<std::string>& agent_ids);

 private:
  AccessDatabase& database_;
  const Clock& clock_;
  std::atomic<bool> changed_{true};
};

}  // namespace firstbyte::collector
