#include <algorithm>

#include "common/target.h"
#include "common/target_url.h"
#include "proto/codec.h"
#include "proto/wire_bounds.h"

namespace firstbyte {
namespace {

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
  if (measurement.slot) *message.mutable_slot() = encode(*measurement.slot);
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
  if (message.has_slot()) measurement.slot = decode(message.slot(), bounds);
  if (measurement.slot && part != Part::kProbe) bounds.breach("slot", "is of a part of a probe");
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
