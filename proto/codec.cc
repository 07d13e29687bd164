#include "proto/codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/endpoint.h"
#include "common/target_url.h"
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

Micros decode_micros(std::uint64_t value, std::string_view field, Bounds& bounds) {
  return Micros{
      static_cast<std::int64_t>(bounds.between<std::uint64_t>(value, 0, kMaxProbeMicros, field))};
}

// An enumeration that stands in a message whose decoder collects breaches.
template <typename Domain, typename Wire>
Domain decode_enum(Wire value, Domain last, std::string_view field, Bounds& bounds) {
  const Expected<Domain> decoded = decode_enum(value, last, field);
  if (decoded) return *decoded;
  bounds.breach(field, fmt::format("has the unknown value {}", static_cast<int>(value)));
  return Domain{};
}

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

// One that is to be connected to.
Endpoint decode_address(const v1::Endpoint& message, std::string_view field, Bounds& bounds) {
  const auto address = parse_endpoint(message.ip());
  if (!address || address->port != 0) bounds.breach(field, "is not an IP address");
  return decode(message, field, bounds);
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
  if (answer.over_tcp) message.set_over_tcp(*answer.over_tcp);
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
  if (message.has_over_tcp()) answer.over_tcp = message.over_tcp();
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
  TcpConnection tcp;
  tcp.rtt = decode_micros(message.rtt_us(), "tcp.rtt_us", bounds);
  if (message.has_min_rtt_us()) {
    tcp.min_rtt = decode_micros(message.min_rtt_us(), "tcp.min_rtt_us", bounds);
  }
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
  message.set_resumed(tls.resumed);
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
  tls.resumed = message.resumed();
  return tls;
}

v1::Failure encode(const Failure& failure) {
  v1::Failure message;
  if (failure.phase) message.set_phase(encode(*failure.phase));
  message.set_origin(encode_enum<v1::Origin>(failure.origin));
  message.set_cause(encode_enum<v1::Cause>(failure.cause));
  message.set_message(failure.message);
  if (failure.tls_alert) message.set_tls_alert(*failure.tls_alert);
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
  const auto cause = decode_enum(message.cause(), kLastCause, "failure.cause");
  if (!cause) return std::unexpected(cause.error());
  Bounds bounds;
  failure.origin = *origin;
  failure.cause = *cause;
  failure.message = bounds.text(message.message(), "failure.message", kMaxMessage);
  if (message.has_tls_alert()) {
    failure.tls_alert = static_cast<std::uint8_t>(
        bounds.between<std::uint32_t>(message.tls_alert(), 0, 255, "failure.tls_alert"));
  }
  if (bounds.error()) return std::unexpected(*bounds.error());
  return failure;
}

void add_headers(google::protobuf::RepeatedPtrField<v1::Header>& list, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    v1::Header* header = list.Add();
    header->set_name(name);
    header->set_value(value);
  }
}

// With the bytes of names and values added to `bytes`, which may not become more than `most`.
Headers decode_headers(const google::protobuf::RepeatedPtrField<v1::Header>& list,
                       std::size_t most_headers, std::size_t most_bytes, std::string_view field,
                       Bounds& bounds) {
  Headers headers;
  bounds.count(list.size(), field, most_headers);
  std::size_t bytes = 0;
  for (const v1::Header& header : list) {
    bytes += header.name().size() + header.value().size();
    if (bytes > most_bytes) {
      bounds.breach(field, fmt::format("are larger than {} bytes together", most_bytes));
    }
    if (bounds.error()) return {};
    headers.emplace_back(header.name(), header.value());
  }
  return headers;
}

v1::SelfCheck encode(const SelfCheck& self_check) {
  v1::SelfCheck message;
  message.set_loop_lag_us(static_cast<std::uint64_t>(self_check.loop_lag.count()));
  message.set_overloaded(self_check.overloaded);
  message.set_clock_stepped(self_check.clock_stepped);
  if (const auto& control = self_check.control) {
    v1::ControlCheck* out = message.mutable_control();
    out->set_url(control->url);
    out->set_measured_at_us(control->measured_at.time_since_epoch().count());
    if (control->ttfb) out->set_ttfb_us(static_cast<std::uint64_t>(control->ttfb->count()));
    if (control->cause) out->set_cause(encode_enum<v1::Cause>(*control->cause));
  }
  return message;
}

SelfCheck decode(const v1::SelfCheck& message, Bounds& bounds) {
  SelfCheck self_check;
  self_check.loop_lag = decode_micros(message.loop_lag_us(), "self_check.loop_lag_us", bounds);
  self_check.overloaded = message.overloaded();
  self_check.clock_stepped = message.clock_stepped();
  if (!message.has_control()) return self_check;
  const v1::ControlCheck& from = message.control();
  ControlCheck& control = self_check.control.emplace();
  control.url = bounds.text(from.url(), "self_check.control.url", kMaxUrlLength);
  control.measured_at = WallTime{Micros{bounds.between<std::int64_t>(
      from.measured_at_us(), 0, kMaxWallMicros, "self_check.control.measured_at_us")}};
  if (from.has_ttfb_us()) {
    control.ttfb = decode_micros(from.ttfb_us(), "self_check.control.ttfb_us", bounds);
  }
  if (from.has_cause()) {
    control.cause = decode_enum(from.cause(), kLastCause, "self_check.control.cause", bounds);
  }
  return self_check;
}

v1::Expectations encode(const Expectations& expect) {
  v1::Expectations message;
  if (expect.status) {
    message.set_status_least(static_cast<std::uint32_t>(expect.status->least));
    message.set_status_most(static_cast<std::uint32_t>(expect.status->most));
  }
  for (const ExpectedHeader& header : expect.headers) {
    v1::ExpectedHeader* out = message.add_headers();
    out->set_name(header.name);
    if (header.value) out->set_value(*header.value);
  }
  if (expect.certificate_days) {
    message.set_certificate_days(static_cast<std::uint32_t>(*expect.certificate_days));
  }
  if (expect.ttfb) message.set_ttfb_us(static_cast<std::uint64_t>(expect.ttfb->count()));
  return message;
}

Expectations decode(const v1::Expectations& message, Bounds& bounds) {
  Expectations expect;
  if (message.has_status_least() || message.has_status_most()) {
    const auto status = [&](std::uint32_t value) {
      return static_cast<int>(bounds.between<std::uint32_t>(value, kLeastStatus, kMostStatus,
                                                            "order.target.expect.status"));
    };
    expect.status = {status(message.status_least()), status(message.status_most())};
    if (expect.status->least > expect.status->most) {
      bounds.breach("order.target.expect.status", "is a range upside down");
    }
  }
  bounds.count(message.headers_size(), "order.target.expect.headers", kMaxExpectedHeaders);
  if (bounds.error()) return expect;
  for (const v1::ExpectedHeader& header : message.headers()) {
    ExpectedHeader& expected = expect.headers.emplace_back();
    expected.name = bounds.required(header.name(), "order.target.expect.headers");
    if (header.has_value()) {
      expected.value = bounds.text(header.value(), "order.target.expect.headers", kMaxMessage);
    }
  }
  if (message.has_certificate_days()) {
    expect.certificate_days = static_cast<int>(
        bounds.between<std::uint32_t>(message.certificate_days(), kMinCertificateDays,
                                      kMaxCertificateDays, "order.target.expect.certificate_days"));
  }
  if (message.has_ttfb_us()) {
    expect.ttfb = decode_micros(message.ttfb_us(), "order.target.expect.ttfb_us", bounds);
  }
  return expect;
}

v1::Target encode(const Target& target) {
  v1::Target message;
  message.set_url(target.url);
  message.set_method(encode_enum<v1::Method>(target.method));
  add_headers(*message.mutable_headers(), target.headers);
  message.set_body(target.body);
  message.set_http_version(encode_enum<v1::HttpVersion>(target.http_version));
  message.set_family(encode_enum<v1::Family>(target.family));
  if (target.connect_to) *message.mutable_connect_to() = encode(*target.connect_to);
  if (target.resolver) *message.mutable_resolver() = encode(*target.resolver);
  message.set_max_redirects(static_cast<std::uint32_t>(target.max_redirects));
  message.set_reuse(encode_enum<v1::Reuse>(target.reuse));
  message.set_samples(static_cast<std::uint32_t>(target.samples));
  message.set_timeout_us(static_cast<std::uint64_t>(target.timeout.count()));
  for (const Phase phase : kPhases) {
    const auto& limit = target.phase_limits[static_cast<std::size_t>(phase)];
    if (!limit) continue;
    v1::PhaseLimit* out = message.add_phase_limits();
    out->set_phase(encode_enum<v1::Phase>(phase));
    out->set_limit_us(static_cast<std::uint64_t>(limit->count()));
  }
  *message.mutable_expect() = encode(target.expect);
  return message;
}

Target decode(const v1::Target& message, Bounds& bounds) {
  const auto small = [&](std::uint32_t value, int least, int most, std::string_view field) {
    return static_cast<int>(bounds.between(value, static_cast<std::uint32_t>(least),
                                           static_cast<std::uint32_t>(most), field));
  };
  Target target;
  target.url = bounds.required(message.url(), "order.target.url", kMaxUrlLength);
  target.method = decode_enum(message.method(), Method::kPost, "order.target.method", bounds);
  target.headers = decode_headers(message.headers(), kMaxRequestHeaders, kMaxRequestHeaderBytes,
                                  "order.target.headers", bounds);
  // Whatever a collector says, nothing breaks out of its line of the request.
  for (const auto& [name, value] : target.headers) {
    if (const auto checked = check_request_header(name, value); !checked) {
      bounds.breach("order.target.headers", fmt::format("are wrong: {}", checked.error().message));
    }
  }
  target.body = bounds.text(message.body(), "order.target.body", kMaxRequestBody);
  target.http_version =
      decode_enum(message.http_version(), HttpVersion::k3, "order.target.http_version", bounds);
  target.family = decode_enum(message.family(), Family::kBoth, "order.target.family", bounds);
  if (message.has_connect_to()) {
    target.connect_to = decode_address(message.connect_to(), "order.target.connect_to", bounds);
  }
  if (message.has_resolver()) {
    target.resolver = decode_address(message.resolver(), "order.target.resolver", bounds);
  }
  target.max_redirects =
      small(message.max_redirects(), 0, kMaxRedirects, "order.target.max_redirects");
  target.reuse = decode_enum(message.reuse(), Reuse::kWarm, "order.target.reuse", bounds);
  target.samples = small(message.samples(), 1, kMaxSamples, "order.target.samples");
  target.timeout = Micros{static_cast<std::int64_t>(bounds.between<std::uint64_t>(
      message.timeout_us(), 1, kMaxProbeMicros, "order.target.timeout_us"))};
  for (const v1::PhaseLimit& limit : message.phase_limits()) {
    const Phase phase =
        decode_enum(limit.phase(), Phase::kTransfer, "order.target.phase_limits", bounds);
    target.phase_limits[static_cast<std::size_t>(phase)] =
        Micros{static_cast<std::int64_t>(bounds.between<std::uint64_t>(
            limit.limit_us(), 1, kMaxProbeMicros, "order.target.phase_limits"))};
  }
  target.expect = decode(message.expect(), bounds);
  return target;
}

std::size_t header_bytes(const Headers& headers) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : headers) bytes += name.size() + value.size();
  return bytes;
}

std::size_t all_header_bytes(const Measurement& measurement) {
  std::size_t bytes = header_bytes(measurement.headers);
  for (const auto* parts : {&measurement.redirects, &measurement.samples}) {
    for (const Measurement& part : *parts) bytes += all_header_bytes(part);
  }
  return bytes;
}

// What a measurement may be made of: a sample has no samples, a redirect has neither.
enum class Part : std::uint8_t { kProbe, kSample, kRedirect };

Expected<Measurement> decode_part(const v1::Measurement& message, Part part);

Expected<std::vector<Measurement>> decode_parts(
    const google::protobuf::RepeatedPtrField<v1::Measurement>& list, Part part, int most,
    std::string_view field) {
  if (list.size() > most) {
    return invalid(std::string(field), fmt::format("{} has more than {} entries", field, most));
  }
  std::vector<Measurement> parts;
  for (const v1::Measurement& message : list) {
    Expected<Measurement> decoded = decode_part(message, part);
    if (!decoded) return std::unexpected(decoded.error());
    parts.push_back(*std::move(decoded));
  }
  return parts;
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
  *message.mutable_target() = encode(order.target);
  return message;
}

Expected<ProbeOrder> decode(const v1::ProbeOrder& message) {
  Bounds bounds;
  ProbeOrder order;
  order.test_id = bounds.required(message.test_id(), "order.test_id", 64);
  order.target = decode(message.target(), bounds);
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
  add_headers(*message.mutable_headers(), measurement.headers);
  message.set_headers_truncated(measurement.headers_truncated);
  if (measurement.body_bytes) message.set_body_bytes(*measurement.body_bytes);
  message.set_body_truncated(measurement.body_truncated);
  if (measurement.failure) *message.mutable_failure() = encode(*measurement.failure);
  message.set_family(encode_enum<v1::Family>(measurement.family));
  message.set_reuse(encode_enum<v1::Reuse>(measurement.reuse));
  if (measurement.self_check) *message.mutable_self_check() = encode(*measurement.self_check);
  for (const Measurement& part : measurement.redirects) {
    *message.add_redirects() = encode(part);
  }
  for (const Measurement& part : measurement.samples) *message.add_samples() = encode(part);
  return message;
}

Expected<Measurement> decode(const v1::Measurement& message) {
  Expected<Measurement> measurement = decode_part(message, Part::kProbe);
  if (measurement && all_header_bytes(*measurement) > kMaxAllHeaderBytes) {
    return invalid("headers", fmt::format("headers of all samples and redirects are larger than {} "
                                          "bytes together",
                                          kMaxAllHeaderBytes));
  }
  return measurement;
}

namespace {

Expected<Measurement> decode_part(const v1::Measurement& message, Part part) {
  Bounds bounds;
  Measurement measurement;
  measurement.test_id = bounds.text(message.test_id(), "measurement.test_id", 64);
  measurement.url = bounds.required(message.url(), "measurement.url", kMaxUrlLength);
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
  measurement.headers =
      decode_headers(message.headers(), kMaxHeaders, kMaxHeaderBytes, "headers", bounds);
  measurement.headers_truncated = message.headers_truncated();
  if (message.has_body_bytes()) measurement.body_bytes = message.body_bytes();
  measurement.body_truncated = message.body_truncated();
  measurement.family = decode_enum(message.family(), Family::kBoth, "family", bounds);
  measurement.reuse = decode_enum(message.reuse(), Reuse::kWarm, "reuse", bounds);
  if (message.has_self_check()) {
    measurement.self_check = decode(message.self_check(), bounds);
  }
  if (bounds.error()) return std::unexpected(*bounds.error());

  Expected<Timings> timings = decode(message.timings());
  if (!timings) return std::unexpected(timings.error());
  measurement.timings = *timings;
  if (message.has_failure()) {
    Expected<Failure> failure = decode(message.failure());
    if (!failure) return std::unexpected(failure.error());
    measurement.failure = *std::move(failure);
  }
  constexpr int kMostSamples = 2 * kMaxSamples;  // of both address families
  const bool has_redirects = part != Part::kRedirect;
  auto redirects = decode_parts(message.redirects(), Part::kRedirect,
                                has_redirects ? kMaxRedirects : 0, "redirects");
  if (!redirects) return std::unexpected(redirects.error());
  auto samples = decode_parts(message.samples(), Part::kSample,
                              part == Part::kProbe ? kMostSamples : 0, "samples");
  if (!samples) return std::unexpected(samples.error());
  measurement.redirects = *std::move(redirects);
  measurement.samples = *std::move(samples);
  return measurement;
}

}  // namespace
}  // namespace firstbyte
