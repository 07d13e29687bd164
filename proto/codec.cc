#include "proto/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/utf8.h"

namespace firstbyte {
namespace {

// A microsecond count from the wire. More than a day in one probe is nonsense and would overflow
// sums.
constexpr std::uint64_t kMaxProbeMicros = 24ULL * 3600 * 1'000'000;
constexpr std::size_t kMaxText = 256;
constexpr std::size_t kMaxMessage = 1024;

// Domain enumerations start at 0, the protocol's at 1 since 0 means "not said".
template <typename Wire, typename Domain>
Wire encode_enum(Domain value) {
  return static_cast<Wire>(static_cast<int>(value) + 1);
}

template <typename Domain, typename Wire>
Expected<Domain> decode_enum(Wire value, Domain last, std::string_view field) {
  const int number = static_cast<int>(value);
  if (number < 1 || number > static_cast<int>(last) + 1) {
    return invalid(std::string(field), fmt::format("{} has the unknown value {}", field, number));
  }
  return static_cast<Domain>(number - 1);
}

// Collects the first breach of a bound, so that decoders read as a list of fields.
class Bounds {
 public:
  const std::string& text(const std::string& value, std::string_view field,
                          std::size_t max = kMaxText) {
    if (value.size() > max) breach(field, fmt::format("is longer than {} bytes", max));
    return value;
  }

  const std::string& required(const std::string& value, std::string_view field,
                              std::size_t max = kMaxText) {
    if (value.empty()) breach(field, "is missing");
    return text(value, field, max);
  }

  void count(int number, std::string_view field, std::size_t max) {
    if (static_cast<std::size_t>(number) > max) {
      breach(field, fmt::format("has more than {} entries", max));
    }
  }

  void printable(const std::string& value, std::string_view field) {
    if (!is_printable_utf8(value)) breach(field, "is not printable UTF-8");
  }

  template <typename T>
  T between(T number, T low, T high, std::string_view field) {
    if (!(number >= low && number <= high)) {
      breach(field, fmt::format("is not between {} and {}", low, high));
    }
    return number;
  }

  void breach(std::string_view field, std::string_view what) {
    if (error_) return;
    error_ = Error{Error::Kind::kInvalid, fmt::format("{} {}", field, what), std::string(field)};
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  std::optional<Error> error_;
};

v1::Endpoint encode(const Endpoint& endpoint) {
  v1::Endpoint message;
  message.set_ip(endpoint.ip);
  message.set_port(endpoint.port);
  return message;
}

Endpoint decode(const v1::Endpoint& message, std::string_view field, Bounds& bounds) {
  return {
      bounds.text(message.ip(), field),
      static_cast<std::uint16_t>(bounds.between<std::uint32_t>(message.port(), 0, 65535, field))};
}

// The five spans have the same name in the domain and on the wire, but no common accessor there.
v1::Span* mutable_span(v1::Timings& message, Phase phase) {
  switch (phase) {
    case Phase::kDns:
      return message.mutable_dns();
    case Phase::kConnect:
      return message.mutable_connect();
    case Phase::kTls:
      return message.mutable_tls();
    case Phase::kWait:
      return message.mutable_wait();
    case Phase::kTransfer:
      break;
  }
  return message.mutable_transfer();
}

const v1::Span* span_of(const v1::Timings& message, Phase phase) {
  switch (phase) {
    case Phase::kDns:
      return message.has_dns() ? &message.dns() : nullptr;
    case Phase::kConnect:
      return message.has_connect() ? &message.connect() : nullptr;
    case Phase::kTls:
      return message.has_tls() ? &message.tls() : nullptr;
    case Phase::kWait:
      return message.has_wait() ? &message.wait() : nullptr;
    case Phase::kTransfer:
      break;
  }
  return message.has_transfer() ? &message.transfer() : nullptr;
}

v1::Timings encode(const Timings& timings) {
  v1::Timings message;
  for (const Phase phase : kPhases) {
    const std::optional<Span>& span = timings.span(phase);
    if (!span) continue;
    v1::Span* out = mutable_span(message, phase);
    out->set_begin_us(static_cast<std::uint64_t>(span->begin.count()));
    out->set_end_us(static_cast<std::uint64_t>(span->end.count()));
    out->set_own_us(static_cast<std::uint64_t>(span->own.count()));
    out->set_by_kernel(span->clock == Span::Clock::kKernel);
  }
  message.set_total_us(static_cast<std::uint64_t>(timings.total().count()));
  return message;
}

Expected<Timings> decode(const v1::Timings& message) {
  if (message.total_us() > kMaxProbeMicros) {
    return invalid("timings.total_us", "timings.total_us is more than a day");
  }
  PhaseSpans spans;
  for (const Phase phase : kPhases) {
    const v1::Span* span = span_of(message, phase);
    if (span == nullptr) continue;
    if (std::max({span->begin_us(), span->end_us(), span->own_us()}) > kMaxProbeMicros) {
      return invalid("timings", fmt::format("timings.{} is more than a day", to_string(phase)));
    }
    spans[static_cast<std::size_t>(phase)] =
        Span{Micros{static_cast<std::int64_t>(span->begin_us())},
             Micros{static_cast<std::int64_t>(span->end_us())},
             Micros{static_cast<std::int64_t>(span->own_us())},
             span->by_kernel() ? Span::Clock::kKernel : Span::Clock::kAgent};
  }
  return Timings::make(spans, Micros{static_cast<std::int64_t>(message.total_us())});
}

v1::DnsAnswer encode(const DnsAnswer& answer) {
  v1::DnsAnswer message;
  message.set_resolver(answer.resolver);
  for (const ResolvedAddress& resolved : answer.addresses) {
    v1::ResolvedAddress* out = message.add_addresses();
    out->set_address(resolved.address);
    out->set_ttl_s(static_cast<std::uint32_t>(resolved.ttl.count()));
  }
  for (const std::string& cname : answer.cnames) message.add_cnames(cname);
  return message;
}

DnsAnswer decode(const v1::DnsAnswer& message, Bounds& bounds) {
  DnsAnswer answer;
  answer.resolver = bounds.text(message.resolver(), "dns.resolver");
  bounds.count(message.addresses_size(), "dns.addresses", kMaxDnsRecords);
  bounds.count(message.cnames_size(), "dns.cnames", kMaxDnsRecords);
  if (bounds.error()) return answer;
  for (const v1::ResolvedAddress& resolved : message.addresses()) {
    answer.addresses.push_back(
        {bounds.text(resolved.address(), "dns.addresses"), std::chrono::seconds{resolved.ttl_s()}});
  }
  for (const std::string& cname : message.cnames()) {
    answer.cnames.push_back(bounds.text(cname, "dns.cnames", kMaxMessage));
  }
  return answer;
}

v1::TcpConnection encode(const TcpConnection& tcp) {
  v1::TcpConnection message;
  message.set_rtt_us(static_cast<std::uint64_t>(tcp.rtt.count()));
  if (tcp.min_rtt) message.set_min_rtt_us(static_cast<std::uint64_t>(tcp.min_rtt->count()));
  message.set_retransmits(tcp.retransmits);
  message.set_congestion_control(tcp.congestion_control);
  return message;
}

TcpConnection decode(const v1::TcpConnection& message, Bounds& bounds) {
  const auto micros = [&](std::uint64_t value, std::string_view field) {
    return Micros{
        static_cast<std::int64_t>(bounds.between<std::uint64_t>(value, 0, kMaxProbeMicros, field))};
  };
  TcpConnection tcp;
  tcp.rtt = micros(message.rtt_us(), "tcp.rtt_us");
  if (message.has_min_rtt_us()) tcp.min_rtt = micros(message.min_rtt_us(), "tcp.min_rtt_us");
  tcp.retransmits = message.retransmits();
  tcp.congestion_control = bounds.text(message.congestion_control(), "tcp.congestion_control", 32);
  return tcp;
}

v1::TlsFacts encode(const TlsFacts& tls) {
  v1::TlsFacts message;
  message.set_version(tls.version);
  message.set_cipher(tls.cipher);
  message.set_subject(tls.subject);
  message.set_issuer(tls.issuer);
  if (tls.not_after) message.set_not_after_us(tls.not_after->time_since_epoch().count());
  return message;
}

// Wall-clock times that a calendar can print: the years 1970 to 9999.
constexpr std::int64_t kMaxWallMicros = 253'402'300'799LL * 1'000'000;

TlsFacts decode(const v1::TlsFacts& message, Bounds& bounds) {
  TlsFacts tls;
  tls.version = bounds.text(message.version(), "tls.version");
  tls.cipher = bounds.text(message.cipher(), "tls.cipher");
  tls.subject = bounds.text(message.subject(), "tls.subject", kMaxMessage);
  tls.issuer = bounds.text(message.issuer(), "tls.issuer", kMaxMessage);
  if (message.has_not_after_us()) {
    tls.not_after = WallTime{Micros{
        bounds.between<std::int64_t>(message.not_after_us(), 0, kMaxWallMicros, "tls.not_after")}};
  }
  return tls;
}

v1::Failure encode(const Failure& failure) {
  v1::Failure message;
  if (failure.phase) message.set_phase(encode(*failure.phase));
  message.set_origin(encode_enum<v1::Origin>(failure.origin));
  message.set_cause(encode_enum<v1::Cause>(failure.cause));
  message.set_message(failure.message);
  return message;
}

Expected<Failure> decode(const v1::Failure& message) {
  Failure failure;
  if (message.has_phase()) {
    const Expected<Phase> phase = firstbyte::decode(message.phase());
    if (!phase) return std::unexpected(phase.error());
    failure.phase = *phase;
  }
  const auto origin = decode_enum(message.origin(), Origin::kAgent, "failure.origin");
  if (!origin) return std::unexpected(origin.error());
  const auto cause = decode_enum(message.cause(), Cause::kInternal, "failure.cause");
  if (!cause) return std::unexpected(cause.error());
  Bounds bounds;
  failure.origin = *origin;
  failure.cause = *cause;
  failure.message = bounds.text(message.message(), "failure.message", kMaxMessage);
  if (bounds.error()) return std::unexpected(*bounds.error());
  return failure;
}

Headers decode_headers(const v1::Measurement& message, Bounds& bounds) {
  Headers headers;
  bounds.count(message.headers_size(), "headers", kMaxHeaders);
  std::size_t bytes = 0;
  for (const v1::Header& header : message.headers()) {
    bytes += header.name().size() + header.value().size();
    if (bytes > kMaxHeaderBytes) bounds.breach("headers", "are larger than the agent may keep");
    if (bounds.error()) return {};
    headers.emplace_back(header.name(), header.value());
  }
  return headers;
}

}  // namespace

v1::Phase encode(Phase phase) { return encode_enum<v1::Phase>(phase); }
Expected<Phase> decode(v1::Phase phase) { return decode_enum(phase, Phase::kTransfer, "phase"); }

v1::AgentIdentity encode(const AgentIdentity& identity) {
  v1::AgentIdentity message;
  message.set_id(identity.id);
  message.set_city(identity.city);
  message.set_country(identity.country);
  message.set_region(identity.region);
  message.set_latitude(identity.latitude);
  message.set_longitude(identity.longitude);
  if (identity.asn) message.set_asn(*identity.asn);
  return message;
}

Expected<AgentIdentity> decode(const v1::AgentIdentity& message) {
  Bounds bounds;
  AgentIdentity identity;
  identity.id = bounds.required(message.id(), "identity.id", 64);
  identity.city = bounds.required(message.city(), "identity.city", 64);
  identity.country = bounds.text(message.country(), "identity.country", 2);
  identity.region = bounds.text(message.region(), "identity.region", 64);
  identity.latitude = bounds.between(message.latitude(), -90.0, 90.0, "identity.latitude");
  identity.longitude = bounds.between(message.longitude(), -180.0, 180.0, "identity.longitude");
  if (message.has_asn()) identity.asn = message.asn();
  if (!is_agent_id(identity.id)) bounds.breach("identity.id", "is not a valid agent id");
  bounds.printable(identity.city, "identity.city");
  bounds.printable(identity.country, "identity.country");
  bounds.printable(identity.region, "identity.region");
  if (bounds.error()) return std::unexpected(*bounds.error());
  return identity;
}

v1::ProbeOrder encode(const ProbeOrder& order) {
  v1::ProbeOrder message;
  message.set_test_id(order.test_id);
  message.set_url(order.url);
  message.set_timeout_us(static_cast<std::uint64_t>(order.timeout.count()));
  return message;
}

Expected<ProbeOrder> decode(const v1::ProbeOrder& message) {
  Bounds bounds;
  ProbeOrder order;
  order.test_id = bounds.required(message.test_id(), "order.test_id", 64);
  order.url = bounds.required(message.url(), "order.url", 2048);
  order.timeout = Micros{static_cast<std::int64_t>(
      bounds.between<std::uint64_t>(message.timeout_us(), 1, kMaxProbeMicros, "order.timeout_us"))};
  if (bounds.error()) return std::unexpected(*bounds.error());
  return order;
}

v1::Measurement encode(const Measurement& measurement) {
  v1::Measurement message;
  message.set_test_id(measurement.test_id);
  message.set_url(measurement.url);
  message.set_measured_at_us(measurement.measured_at.time_since_epoch().count());
  *message.mutable_timings() = encode(measurement.timings);
  if (measurement.status) message.set_status(static_cast<std::uint32_t>(*measurement.status));
  message.set_http_version(measurement.http_version);
  if (measurement.remote) *message.mutable_remote() = encode(*measurement.remote);
  if (measurement.local) *message.mutable_local() = encode(*measurement.local);
  if (measurement.dns) *message.mutable_dns() = encode(*measurement.dns);
  if (measurement.tls) *message.mutable_tls() = encode(*measurement.tls);
  if (measurement.tcp) *message.mutable_tcp() = encode(*measurement.tcp);
  for (const auto& [name, value] : measurement.headers) {
    v1::Header* header = message.add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  message.set_headers_truncated(measurement.headers_truncated);
  if (measurement.failure) *message.mutable_failure() = encode(*measurement.failure);
  return message;
}

Expected<Measurement> decode(const v1::Measurement& message) {
  Bounds bounds;
  Measurement measurement;
  measurement.test_id = bounds.text(message.test_id(), "measurement.test_id", 64);
  measurement.url = bounds.required(message.url(), "measurement.url", 2048);
  measurement.measured_at = WallTime{Micros{bounds.between<std::int64_t>(
      message.measured_at_us(), 0, kMaxWallMicros, "measurement.measured_at_us")}};
  if (message.has_status()) {
    measurement.status =
        static_cast<int>(bounds.between<std::uint32_t>(message.status(), 100, 999, "status"));
  }
  measurement.http_version = bounds.text(message.http_version(), "http_version", 8);
  if (message.has_remote()) measurement.remote = decode(message.remote(), "remote", bounds);
  if (message.has_local()) measurement.local = decode(message.local(), "local", bounds);
  if (message.has_dns()) measurement.dns = decode(message.dns(), bounds);
  if (message.has_tls()) measurement.tls = decode(message.tls(), bounds);
  if (message.has_tcp()) measurement.tcp = decode(message.tcp(), bounds);
  measurement.headers = decode_headers(message, bounds);
  measurement.headers_truncated = message.headers_truncated();
  if (bounds.error()) return std::unexpected(*bounds.error());

  Expected<Timings> timings = decode(message.timings());
  if (!timings) return std::unexpected(timings.error());
  measurement.timings = *timings;
  if (message.has_failure()) {
    Expected<Failure> failure = decode(message.failure());
    if (!failure) return std::unexpected(failure.error());
    measurement.failure = *std::move(failure);
  }
  return measurement;
}

}  // namespace firstbyte
