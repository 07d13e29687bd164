#include "collector/store/detail_json.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

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
          {"cnames", json::array(dns.cnames.begin(), dns.cnames.end())}};
}

json::value to_json(const TlsFacts& tls) {
  json::value not_after;
  if (tls.not_after) not_after = tls.not_after->time_since_epoch().count();
  return {{"version", tls.version},
          {"cipher", tls.cipher},
          {"subject", tls.subject},
          {"issuer", tls.issuer},
          {"not_after_us", std::move(not_after)}};
}

json::value to_json(const TcpConnection& tcp) {
  json::value min_rtt;
  if (tcp.min_rtt) min_rtt = tcp.min_rtt->count();
  return {{"rtt_us", tcp.rtt.count()},
          {"min_rtt_us", std::move(min_rtt)},
          {"retransmits", static_cast<std::int64_t>(tcp.retransmits)},
          {"congestion_control", tcp.congestion_control}};
}

// Reads members of an object; one that is missing or of another type leaves `ok()` false.
class Reader {
 public:
  explicit Reader(const json::value& value) : object_(value.if_object()) {}

  std::string text(std::string_view name) { return text(member(name)); }
  std::string text(const json::value* value) {
    const json::string* found = value != nullptr ? value->if_string() : nullptr;
    return check(found) ? std::string(*found) : std::string();
  }
  std::int64_t integer(std::string_view name) {
    const json::value* value = member(name);
    const std::int64_t* found = value != nullptr ? value->if_int64() : nullptr;
    return check(found) ? *found : 0;
  }
  bool boolean(std::string_view name) {
    const json::value* value = member(name);
    const bool* found = value != nullptr ? value->if_bool() : nullptr;
    return check(found) && *found;
  }
  const json::array& array(std::string_view name) { return array(member(name)); }
  const json::array& array(const json::value* value) {
    static const json::array kEmpty;
    const json::array* found = value != nullptr ? value->if_array() : nullptr;
    return check(found) ? *found : kEmpty;
  }
  bool absent(std::string_view name) {
    const json::value* value = member(name);
    return !check(value) || value->is_null();
  }
  // For members read by other readers.
  void require(bool ok) { ok_ = ok_ && ok; }
  const json::value* member(std::string_view name) {
    return check(object_) ? object_->if_contains(name) : nullptr;
  }

  bool ok() const { return ok_; }

 private:
  bool check(const void* found) {
    require(found != nullptr);
    return found != nullptr;
  }

  const json::object* object_;
  bool ok_ = true;
};

std::optional<DnsAnswer> read_dns(Reader& parent) {
  if (parent.absent("dns")) return std::nullopt;
  Reader reader(*parent.member("dns"));
  DnsAnswer dns;
  dns.resolver = reader.text("resolver");
  for (const json::value& value : reader.array("addresses")) {
    Reader address(value);
    dns.addresses.push_back(
        {address.text("address"), std::chrono::seconds(address.integer("ttl_s"))});
    parent.require(address.ok());
  }
  for (const json::value& value : reader.array("cnames")) dns.cnames.push_back(reader.text(&value));
  parent.require(reader.ok());
  return dns;
}

std::optional<TlsFacts> read_tls(Reader& parent) {
  if (parent.absent("tls")) return std::nullopt;
  Reader reader(*parent.member("tls"));
  TlsFacts tls;
  tls.version = reader.text("version");
  tls.cipher = reader.text("cipher");
  tls.subject = reader.text("subject");
  tls.issuer = reader.text("issuer");
  if (!reader.absent("not_after_us")) {
    tls.not_after = WallTime(Micros(reader.integer("not_after_us")));
  }
  parent.require(reader.ok());
  return tls;
}

// Absent in what was stored before agents told it.
std::optional<TcpConnection> read_tcp(Reader& parent) {
  const json::value* value = parent.member("tcp");
  if (value == nullptr || value->is_null()) return std::nullopt;
  Reader reader(*value);
  TcpConnection tcp;
  tcp.rtt = Micros(reader.integer("rtt_us"));
  if (!reader.absent("min_rtt_us")) tcp.min_rtt = Micros(reader.integer("min_rtt_us"));
  tcp.retransmits = static_cast<std::uint32_t>(reader.integer("retransmits"));
  tcp.congestion_control = reader.text("congestion_control");
  parent.require(reader.ok());
  return tcp;
}

}  // namespace

std::string detail_to_json(const Measurement& measurement) {
  json::array headers;
  headers.reserve(measurement.headers.size());
  for (const auto& [name, value] : measurement.headers) {
    headers.push_back(json::array{json::string(name), json::string(value)});
  }
  const json::value detail = {{"headers", std::move(headers)},
                              {"headers_truncated", measurement.headers_truncated},
                              {"dns", measurement.dns ? to_json(*measurement.dns) : json::value()},
                              {"tls", measurement.tls ? to_json(*measurement.tls) : json::value()},
                              {"tcp", measurement.tcp ? to_json(*measurement.tcp) : json::value()}};
  return json::serialize(detail);
}

Expected<> detail_from_json(std::string_view text, Measurement& measurement) {
  // A header's value is whatever bytes the server sent.
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  boost::system::error_code broken;
  const json::value detail = json::parse(text, broken, {}, options);
  if (broken) return fatal("its detail is not JSON: " + broken.message());

  Reader reader(detail);
  for (const json::value& value : reader.array("headers")) {
    const json::array& pair = reader.array(&value);
    reader.require(pair.size() == 2);
    if (!reader.ok()) break;
    measurement.headers.emplace_back(reader.text(&pair[0]), reader.text(&pair[1]));
  }
  measurement.headers_truncated = reader.boolean("headers_truncated");
  measurement.dns = read_dns(reader);
  measurement.tls = read_tls(reader);
  measurement.tcp = read_tcp(reader);
  if (!reader.ok()) return fatal("its detail is JSON of another shape");
  return {};
}

}  // namespace firstbyte::collector
