#include "collector/store/detail_json.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "collector/store/json_reader.h"
#include "collector/store/json_writer.h"
#include "collector/store/part_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

constexpr std::size_t kUsualBytes = 2048;

void write(JsonWriter& json, const DnsAnswer& dns) {
  json.member("resolver", dns.resolver);
  json.name("addresses");
  json.open_array();
  for (const ResolvedAddress& address : dns.addresses) {
    json.open_object();
    json.member("address", address.address);
    json.member("ttl_s", address.ttl.count());
    json.close_object();
  }
  json.close_array();
  json.name("cnames");
  json.open_array();
  for (const std::string& cname : dns.cnames) json.value(cname);
  json.close_array();
  json.member("over_tcp", dns.over_tcp);
  if (dns.omitted > 0) json.member("omitted", dns.omitted);
}

void write(JsonWriter& json, const TlsFacts& tls) {
  json.member("version", tls.version);
  json.member("cipher", tls.cipher);
  json.member("subject", tls.subject);
  json.member("issuer", tls.issuer);
  json.member("not_after_us", tls.not_after);
  json.member("resumed", tls.resumed);
}

void write(JsonWriter& json, const ControlCheck& control) {
  json.member("url", control.url);
  json.member("measured_at_us", control.measured_at);
  json.member("ttfb_us", control.ttfb);
  json.member("cause", control.cause.transform([](Cause cause) { return to_string(cause); }));
}

void write(JsonWriter& json, const TcpConnection& tcp) {
  json.member("rtt_us", tcp.rtt);
  json.member("min_rtt_us", tcp.min_rtt);
  json.member("retransmits", tcp.retransmits);
  json.member("congestion_control", tcp.congestion_control);
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
  if (reader.has("omitted")) dns.omitted = static_cast<std::uint32_t>(reader.count("omitted"));
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
void write_member(JsonWriter& json, std::string_view name, const std::optional<Part>& part) {
  json.name(name);
  if (!part) return json.null();
  json.open_object();
  write(json, *part);
  json.close_object();
}

void write_detail(JsonWriter& json, const Measurement& m);

void write_parts(JsonWriter& json, std::string_view name, const std::vector<Measurement>& parts) {
  json.name(name);
  json.open_array();
  for (const Measurement& part : parts) {
    json.open_object();
    write_detail(json, part);
    write_part(json, part);
    json.close_object();
  }
  json.close_array();
}

void write_detail(JsonWriter& json, const Measurement& m) {
  json.name("headers");
  json.open_array();
  for (const auto& [name, value] : m.headers) {
    json.open_array();
    json.value(name);
    json.value(value);
    json.close_array();
  }
  json.close_array();
  // Without a self-check these say nothing; with one, the loop's lag is there too.
  const bool clock_stepped = m.self_check && m.self_check->clock_stepped;
  static const std::optional<ControlCheck> kNone;
  json.member("headers_truncated", m.headers_truncated);
  json.member("body_bytes", m.body_bytes);
  json.member("body_truncated", m.body_truncated);
  write_member(json, "dns", m.dns);
  write_member(json, "tls", m.tls);
  write_member(json, "tcp", m.tcp);
  json.member("tls_alert", m.failure ? m.failure->tls_alert : std::nullopt);
  json.member("clock_stepped", clock_stepped);
  write_member(json, "control", m.self_check ? m.self_check->control : kNone);
  write_parts(json, "redirects", m.redirects);
  write_parts(json, "samples", m.samples);
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
  std::string text;
  text.reserve(kUsualBytes);
  JsonWriter json(text);
  json.open_object();
  write_detail(json, measurement);
  json.close_object();
  return text;
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
