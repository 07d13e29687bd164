#include "collector/store/detail_json.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "collector/store/json_reader.h"
#include "collector/store/part_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::value to_json(const DnsAnswer& dns) {
  json::array addresses;
  for (const ResolvedAddress& address : dns.addresses) {
    addresses.push_back({{"address", address.address}, {"ttl_s", address.ttl.count()}});
  }
  return {{"resolver", dns.resolver},
          {"addresses", std::move(addresses)},
          {"cnames", json::array(dns.cnames.begin(), dns.cnames.end())},
          {"over_tcp", dns.over_tcp ? json::value(*dns.over_tcp) : nullptr}};
}

json::value to_json(const TlsFacts& tls) {
  json::value not_after;
  if (tls.not_after) not_after = tls.not_after->time_since_epoch().count();
  return {{"version", tls.version},
          {"cipher", tls.cipher},
          {"subject", tls.subject},
          {"issuer", tls.issuer},
          {"not_after_us", std::move(not_after)},
          {"resumed", tls.resumed}};
}

json::value to_json(const ControlCheck& control) {
  json::value ttfb;
  if (control.ttfb) ttfb = control.ttfb->count();
  json::value cause;
  if (control.cause) cause = json::string(to_string(*control.cause));
  return {{"url", control.url},
          {"measured_at_us", control.measured_at.time_since_epoch().count()},
          {"ttfb_us", std::move(ttfb)},
          {"cause", std::move(cause)}};
}

json::value to_json(const TcpConnection& tcp) {
  json::value min_rtt;
  if (tcp.min_rtt) min_rtt = tcp.min_rtt->count();
  return {{"rtt_us", tcp.rtt.count()},
          {"min_rtt_us", std::move(min_rtt)},
          {"retransmits", static_cast<std::int64_t>(tcp.retransmits)},
          {"congestion_control", tcp.congestion_control}};
}

std::optional<DnsAnswer> read_dns(JsonReader& parent) {
  if (parent.absent("dns")) return std::nullopt;
  JsonReader reader(*parent.member("dns"));
  DnsAnswer dns;
  dns.resolver = reader.text("resolver");
  for (const json::value& value : reader.array("addresses")) {
    JsonReader address(value);
    dns.addresses.push_back(
        {address.text("address"), std::chrono::seconds(address.integer("ttl_s"))});
    parent.require(address.ok());
  }
  for (const json::value& value : reader.array("cnames")) dns.cnames.push_back(reader.text(&value));
  if (reader.has("over_tcp")) dns.over_tcp = reader.boolean("over_tcp");
  parent.require(reader.ok());
  return dns;
}

std::optional<TlsFacts> read_tls(JsonReader& parent) {
  if (parent.absent("tls")) return std::nullopt;
  JsonReader reader(*parent.member("tls"));
  TlsFacts tls;
  tls.version = reader.text("version");
  tls.cipher = reader.text("cipher");
  tls.subject = reader.text("subject");
  tls.issuer = reader.text("issuer");
  if (!reader.absent("not_after_us")) {
    tls.not_after = WallTime(reader.micros("not_after_us"));
  }
  tls.resumed = reader.has("resumed") && reader.boolean("resumed");
  parent.require(reader.ok());
  return tls;
}

// Absent in what was stored before agents told it.
std::optional<TcpConnection> read_tcp(JsonReader& parent) {
  if (!parent.has("tcp")) return std::nullopt;
  JsonReader reader(*parent.member("tcp"));
  TcpConnection tcp;
  tcp.rtt = reader.micros("rtt_us");
  if (!reader.absent("min_rtt_us")) tcp.min_rtt = reader.micros("min_rtt_us");
  tcp.retransmits = static_cast<std::uint32_t>(reader.integer("retransmits"));
  tcp.congestion_control = reader.text("congestion_control");
  parent.require(reader.ok());
  return tcp;
}

std::optional<ControlCheck> read_control(JsonReader& parent) {
  if (!parent.has("control")) return std::nullopt;
  JsonReader reader(*parent.member("control"));
  ControlCheck control;
  control.url = reader.text("url");
  control.measured_at = WallTime(reader.micros("measured_at_us"));
  if (!reader.absent("ttfb_us")) control.ttfb = reader.micros("ttfb_us");
  if (!reader.absent("cause")) {
    control.cause = cause_from_string(reader.text("cause"));
    reader.require(control.cause.has_value());
  }
  parent.require(reader.ok());
  return control;
}

template <typename Part>
json::value to_json(const std::optional<Part>& part) {
  return part ? to_json(*part) : json::value();
}

json::object detail_object(const Measurement& measurement);

json::array to_json(const std::vector<Measurement>& parts) {
  json::array array;
  array.reserve(parts.size());
  for (const Measurement& part : parts) {
    json::object object = detail_object(part);
    put_part(object, part);
    array.push_back(std::move(object));
  }
  return array;
}

json::object detail_object(const Measurement& m) {
  json::array headers;
  headers.reserve(m.headers.size());
  for (const auto& [name, value] : m.headers) {
    headers.push_back(json::array{json::string(name), json::string(value)});
  }
  // Without a self-check these say nothing; with one, the loop's lag is there too.
  const SelfCheck self_check = m.self_check.value_or(SelfCheck{});
  json::value tls_alert;
  if (m.failure && m.failure->tls_alert) tls_alert = *m.failure->tls_alert;
  return {{"headers", std::move(headers)},
          {"headers_truncated", m.headers_truncated},
          {"body_bytes", m.body_bytes ? json::value(*m.body_bytes) : nullptr},
          {"body_truncated", m.body_truncated},
          {"dns", to_json(m.dns)},
          {"tls", to_json(m.tls)},
          {"tcp", to_json(m.tcp)},
          {"tls_alert", std::move(tls_alert)},
          {"clock_stepped", self_check.clock_stepped},
          {"control", to_json(self_check.control)},
          {"redirects", to_json(m.redirects)},
          {"samples", to_json(m.samples)}};
}

Headers read_headers(JsonReader& reader) {
  Headers headers;
  for (const json::value& value : reader.array("headers")) {
    const json::array& pair = reader.array(&value);
    reader.require(pair.size() == 2);
    if (!reader.ok()) break;
    headers.emplace_back(reader.text(&pair[0]), reader.text(&pair[1]));
  }
  return headers;
}

void read_detail(JsonReader& reader, Measurement& m);

std::vector<Measurement> read_parts(JsonReader& parent, std::string_view name) {
  std::vector<Measurement> parts;
  if (!parent.has(name)) return parts;
  for (const json::value& value : parent.array(name)) {
    JsonReader reader(value);
    Measurement& part = parts.emplace_back();
    read_part(reader, part);
    read_detail(reader, part);
    parent.require(reader.ok());
  }
  return parts;
}

void read_detail(JsonReader& reader, Measurement& m) {
  m.headers = read_headers(reader);
  m.headers_truncated = reader.boolean("headers_truncated");
  if (reader.has("body_bytes")) m.body_bytes = reader.count("body_bytes");
  m.body_truncated = reader.has("body_truncated") && reader.boolean("body_truncated");
  m.dns = read_dns(reader);
  m.tls = read_tls(reader);
  m.tcp = read_tcp(reader);
  if (m.failure && reader.has("tls_alert")) {
    m.failure->tls_alert = static_cast<std::uint8_t>(reader.integer("tls_alert"));
  }
  const bool clock_stepped = reader.has("clock_stepped") && reader.boolean("clock_stepped");
  std::optional<ControlCheck> control = read_control(reader);
  if (m.self_check) {
    m.self_check->clock_stepped = clock_stepped;
    m.self_check->control = std::move(control);
  }
  m.redirects = read_parts(reader, "redirects");
  m.samples = read_parts(reader, "samples");
}

}  // namespace

std::string detail_to_json(const Measurement& measurement) {
  return json::serialize(detail_object(measurement));
}

Expected<> detail_from_json(std::string_view text, Measurement& measurement) {
  // A header's value is whatever bytes the server sent.
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code broken;
  const json::value detail = json::parse(text, broken, {}, options);
  if (broken) return fatal("its detail is not JSON: " + broken.message());
  JsonReader reader(detail);
  read_detail(reader, measurement);
  if (!reader.ok()) return fatal("its detail is JSON of another shape");
  return {};
}

}  // namespace firstbyte::collector
