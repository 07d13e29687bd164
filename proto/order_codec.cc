#include "common/endpoint.h"
#include "common/target_url.h"
#include "proto/codec.h"
#include "proto/wire_bounds.h"

namespace firstbyte {
namespace {

// One that is to be connected to.
Endpoint decode_address(const v1::Endpoint& message, std::string_view field, Bounds& bounds) {
  const auto address = parse_endpoint(message.ip());
  if (!address || address->port != 0) bounds.breach(field, "is not an IP address");
  return decode(message, field, bounds);
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

}  // namespace

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

}  // namespace firstbyte
