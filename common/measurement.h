// One probe's measurement as plain values: what every stage from the agent's prober to the page's
// JSON speaks of. docs/terminology.md defines the words; the numbers' sources are stated here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/error.h"

namespace firstbyte {

enum class Phase : std::uint8_t { kDns, kConnect, kTls, kWait, kTransfer };
inline constexpr std::size_t kPhaseCount = 5;
inline constexpr std::array<Phase, kPhaseCount> kPhases{Phase::kDns, Phase::kConnect, Phase::kTls,
                                                        Phase::kWait, Phase::kTransfer};
std::string_view to_string(Phase phase);
std::optional<Phase> phase_from_string(std::string_view text);

// A phase within a probe, since its start on the agent's monotonic clock.
struct Span {
  // Who saw it begin and end: the kernel, by its stamps on the packets, or the agent itself, which
  // is later by as much as it was busy or waiting for a processor.
  enum class Clock : std::uint8_t { kAgent, kKernel };

  Micros begin{};
  Micros end{};
  Micros own{};  // the agent's own time in between: cryptography between two turns of a handshake
  Clock clock = Clock::kAgent;
  Micros duration() const { return end - begin - own; }
  bool operator==(const Span&) const = default;
};

using PhaseSpans = std::array<std::optional<Span>, kPhaseCount>;

// When each phase of a probe ran. Whatever no phase covers is the agent's own time, `other`; so the
// phases and `other` add up to the total by construction. A phase that did not happen is absent.
class Timings {
 public:
  // Nothing happened, nothing took time.
  Timings() = default;

  // Refuses spans that run backwards, overlap, are out of order, or lie outside [0, total].
  static Expected<Timings> make(const PhaseSpans& spans, Micros total);

  const std::optional<Span>& span(Phase phase) const {
    return spans_[static_cast<std::size_t>(phase)];
  }
  std::optional<Micros> duration(Phase phase) const;
  Micros total() const { return total_; }
  // Own cryptography, scheduling, queueing: total less the sum of the phases.
  Micros other() const;
  // Where `other` was spent: between the phase before, or the start, and this one (absent when it
  // did not happen); within phases; after the last one.
  std::optional<Micros> other_before(Phase phase) const;
  Micros other_within() const;
  Micros other_after() const;
  // From the start to the first byte of the response, own time included; absent if none came.
  std::optional<Micros> ttfb() const;

  bool operator==(const Timings&) const = default;

 private:
  PhaseSpans spans_{};
  Micros total_{};
};

// Where a failure comes from, as far as the agent can tell.
enum class Origin : std::uint8_t { kTarget, kResolver, kNetwork, kAgent };
std::string_view to_string(Origin origin);
std::optional<Origin> origin_from_string(std::string_view text);

// The closed list of causes. Spelt the same in the protocol, the store, the JSON and the page.
enum class Cause : std::uint8_t {
  kNxdomain,
  kServfail,
  kNoAddress,
  kBadAnswer,
  kRefused,
  kUnreachable,
  kReset,
  kClosed,
  kTimeout,
  kUnknownIssuer,
  kNameMismatch,
  kExpired,
  kHandshake,
  kProtocol,
  kAddressNotAllowed,
  kInvalidUrl,
  kCancelled,
  kOverloaded,
  kOffline,
  kDeadline,
  kInternal,
  kNotYetValid,
  kSelfSigned,
  kBadCertificate,
  kAlert,
  kPortNotAllowed,
  kUnsupported,
  kBadRedirect,
  kTooManyRedirects,
  kUnexpectedStatus,
  kUnexpectedHeader,
  kCertificateExpiring,
  kTooSlow,
};
inline constexpr Cause kLastCause = Cause::kTooSlow;
std::string_view to_string(Cause cause);
std::optional<Cause> cause_from_string(std::string_view text);

struct Failure {
  std::optional<Phase> phase;  // the phase it happened in; absent outside any
  Origin origin = Origin::kAgent;
  Cause cause = Cause::kInternal;
  std::string message;  // one plain sentence
  // The alert that the server's TLS sent, by its number in RFC 8446.
  std::optional<std::uint8_t> tls_alert{};
  bool operator==(const Failure&) const = default;
};

struct Endpoint {
  std::string ip;
  std::uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

struct ResolvedAddress {
  std::string address;
  std::chrono::seconds ttl{};
  bool operator==(const ResolvedAddress&) const = default;
};

// What the resolver answered, in its order, TTLs as they came; of a failed lookup no addresses.
struct DnsAnswer {
  std::string resolver;  // that was asked, "IP:PORT"
  std::vector<ResolvedAddress> addresses;
  std::vector<std::string> cnames;
  // Since the answer was too long for a datagram; absent: not told.
  std::optional<bool> over_tcp{};
  std::uint32_t omitted = 0;  // addresses and CNAMEs that came and are not kept
  bool operator==(const DnsAnswer&) const = default;
};

// What an agent keeps of an answer, and what the collector takes from it: addresses, and CNAMEs.
inline constexpr std::size_t kMaxDnsRecords = 128;
// The same of a measurement with all its redirects and samples: addresses and names together, as
// text. More than the longest that one answer may leave.
inline constexpr std::size_t kMaxAllDnsBytes = 256 * 1024;
std::size_t record_bytes(const DnsAnswer& answer);

// Facts of the handshake and of the server's own certificate.
struct TlsFacts {
  std::string version;
  std::string cipher;
  std::string subject;
  std::string issuer;
  std::optional<WallTime> not_after;
  bool resumed = false;  // an earlier session, without another look at the certificate
  bool operator==(const TlsFacts&) const = default;
};

// What the agent's kernel knows of the connection.
struct TcpConnection {
  Micros rtt{};                   // SYN to SYN-ACK
  std::optional<Micros> min_rtt;  // the least of the whole connection
  std::uint32_t retransmits = 0;  // segments sent again, the SYN included
  std::string congestion_control;
  bool operator==(const TcpConnection&) const = default;
};

// Lower-case name and value, in the order they came, repeated names kept, secrets redacted.
using Headers = std::vector<std::pair<std::string, std::string>>;
// What stands for the value of one that is a secret, wherever it is kept or shown.
inline constexpr std::string_view kRedacted = "<redacted>";
// What an agent keeps of them, and what the collector takes from it.
inline constexpr std::size_t kMaxHeaders = 200;
inline constexpr std::size_t kMaxHeaderBytes = 32 * 1024;  // names and values together
// The same of a measurement with all its redirects and samples.
inline constexpr std::size_t kMaxAllHeaderBytes = 128 * 1024;

// Which addresses a name is looked up for. kAny: IPv4, and IPv6 when there is none.
enum class Family : std::uint8_t { kAny, kIpv4, kIpv6, kBoth };
inline constexpr std::array kFamilies{Family::kAny, Family::kIpv4, Family::kIpv6, Family::kBoth};
std::string_view to_string(Family family);
std::optional<Family> family_from_string(std::string_view text);

// What a sample has from the one before it: nothing, its TLS session, or its connection.
enum class Reuse : std::uint8_t { kCold, kResumed, kWarm };
inline constexpr std::array kReuses{Reuse::kCold, Reuse::kResumed, Reuse::kWarm};
std::string_view to_string(Reuse reuse);
std::optional<Reuse> reuse_from_string(std::string_view text);

// The last probe of the target by which an agent knows that it is well itself.
struct ControlCheck {
  std::string url;
  WallTime measured_at{};
  std::optional<Micros> ttfb;
  std::optional<Cause> cause;  // why it failed; absent when it did not
  bool operator==(const ControlCheck&) const = default;
};

// How well the agent itself was while it measured.
struct SelfCheck {
  // The longest that anything which was due, or had arrived, waited for the agent's loop.
  Micros loop_lag{};
  // It was so long that what the agent's own clock says is of the agent, not of the network.
  bool overloaded = false;
  bool clock_stepped = false;  // the wall clock was set meanwhile
  std::optional<ControlCheck> control;
  bool operator==(const SelfCheck&) const = default;
};

// The slot of a check for which a probe was made; common/check.h.
struct CheckSlot {
  std::uint64_t check = 0;  // its id
  WallTime scheduled_at{};  // by the agent's clock
  Micros late{};            // how long after it the probe started
  // Slots between the one before this that was told of, and this, at which nothing started.
  std::uint64_t skipped = 0;
  // The clock was set since then, so that how far the two slots lie apart says nothing.
  bool clock_set = false;
  bool operator==(const CheckSlot&) const = default;
};

// One probe as its agent measured it: the exchange that ended it, and those before.
struct Measurement {
  std::string test_id;              // the on-demand test that asked for it
  std::optional<CheckSlot> slot{};  // or the check
  std::string url;
  WallTime measured_at{};  // start of this exchange, by the agent's own wall clock
  Timings timings;
  std::optional<int> status;
  std::string http_version;  // "1.0", "1.1", "2"; empty before a response
  std::optional<Endpoint> remote;
  std::optional<Endpoint> local;
  std::optional<DnsAnswer> dns;
  std::optional<TlsFacts> tls;
  std::optional<TcpConnection> tcp;
  Headers headers;
  bool headers_truncated = false;           // more came than the agent keeps
  std::optional<std::uint64_t> body_bytes;  // read, of what the server sent; absent: not told
  bool body_truncated = false;              // reading stopped at the agent's bound
  std::optional<Failure> failure;
  // Of the address that was dialled; where none was, the one that was asked for.
  Family family = Family::kAny;
  Reuse reuse = Reuse::kCold;
  std::optional<SelfCheck> self_check;  // absent: not told
  // The exchanges that led to this one, in order; each with its own timings, counted from its own
  // start.
  std::vector<Measurement> redirects;
  // Every sample in order, when several were asked for. What stands above is one of them: the first
  // that failed, else the one with the median TTFB.
  std::vector<Measurement> samples;
  bool operator==(const Measurement&) const = default;
};

// About what a measurement takes of memory, from below.
std::size_t memory_of(const Measurement& measurement);

// A vantage point as it describes itself.
struct AgentIdentity {
  std::string id;
  std::string city;
  std::string country;  // ISO 3166-1 alpha-2
  std::string region;
  double latitude = 0;   // degrees north
  double longitude = 0;  // degrees east
  std::optional<std::uint32_t> asn;
  bool operator==(const AgentIdentity&) const = default;
};

// 1 to 64 of a-z, 0-9, '-', '_' and '.': an id stands in flags, logs and JSON pointers.
bool is_agent_id(std::string_view text);

// How far one city of a test has come. The last four are terminal.
enum class CityState : std::uint8_t {
  kDispatched,
  kDns,
  kConnect,
  kTls,
  kWait,
  kTransfer,
  kFinished,
  kFailed,
  kOffline,
  kTimedOut,
};
std::string_view to_string(CityState state);
std::optional<CityState> city_state_from_string(std::string_view text);
CityState running_state(Phase phase);
inline bool is_terminal(CityState state) { return state >= CityState::kFinished; }

}  // namespace firstbyte
