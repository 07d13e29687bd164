#include "common/target_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <charconv>
#include <ranges>

#include "common/utf8.h"

namespace firstbyte {
namespace {

constexpr const char* kNotValid =
    "this is not a valid URL; it should look like https://example.com/";
constexpr const char* kNoScheme = "the URL must begin with http:// or https://";
constexpr const char* kOddHost = "the host name may only hold letters, digits, '-', '_' and '.'";

std::unexpected<Error> refuse(std::string message) { return invalid("/url", std::move(message)); }

std::unexpected<Error> refuse_length(std::size_t length) {
  return refuse(fmt::format("the URL has {} characters, more than {}", length, kMaxUrlLength));
}

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// What people type into a URL though RFC 3986 has no place for it.
bool needs_encoding(char c) {
  return !is_ascii(c) || c <= ' ' || std::string_view("\"<>\\^`{|}\x7f").contains(c);
}

// `rest` is all that follows the host and port.
std::unexpected<Error> refuse_spelling(std::string_view rest) {
  const auto odd = std::ranges::find_if(rest, needs_encoding);
  if (odd == rest.end()) return refuse(kNotValid);
  const std::string_view before(rest.begin(), odd);
  const std::string_view from(odd, rest.end());
  const std::string_view character = from.substr(0, utf8_length(from));
  if (character.empty() || !is_printable_utf8(character)) return refuse(kNotValid);
  std::string encoded;
  for (const char c : character) encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  const std::string_view part = before.contains('#')   ? "fragment"
                                : before.contains('?') ? "query"
                                                       : "path";
  return refuse(fmt::format("the {} holds {}, which must be percent-encoded as {}", part,
                            character == " " ? "a space" : fmt::format("'{}'", character),
                            encoded));
}

// Of a text that is no URL: what to do about it, where that can be told.
std::unexpected<Error> refuse_malformed(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n";
  if (kWhiteSpace.contains(text.front()) || kWhiteSpace.contains(text.back())) {
    return refuse("there is white space before or after the URL");
  }
  const auto scheme_end = std::min(text.find_first_of(":/?#"), text.size());
  if (!text.substr(scheme_end).starts_with("://")) return refuse(kNoScheme);
  const std::string_view rest = text.substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  const auto at = authority.rfind('@');
  const std::string_view host = authority.substr(at == std::string_view::npos ? 0 : at + 1);
  if (!std::ranges::all_of(host, is_ascii)) {
    return refuse(
        "a host name that is not ASCII must be given in punycode, like xn--mnchen-3ya.example");
  }
  if (std::ranges::any_of(host, needs_encoding)) return refuse(kOddHost);
  return refuse_spelling(rest.substr(authority.size()));
}

// "19.2.1", "0x7f.1" and "010.0.0.1" are IPv4 addresses to inet_aton(), and so to libcurl, but
// names to RFC 3986. No top-level domain is a number (RFC 3696), so nothing is lost with them.
bool ends_in_a_number(std::string_view name) {
  std::string_view last = name.substr(name.rfind('.') + 1);
  if (last.starts_with("0x") || last.starts_with("0X")) {
    return last.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  }
  return last.find_first_not_of("0123456789") == std::string_view::npos;
}

// What DNS can ask for (RFC 1035): parts of 1 to 63 characters, 253 together; the root's dot may be
// there. Any other character would mean different things to different parsers.
Expected<> check_host_name(std::string_view name) {
  constexpr std::size_t kMaxName = 253;
  constexpr std::size_t kMaxPart = 63;
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
      std::string_view::npos) {
    return refuse(kOddHost);
  }
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > kMaxName) return refuse("the host name is longer than DNS allows");
  for (const auto part : std::views::split(name, '.')) {
    if (part.empty()) return refuse("the host name has an empty part");
    if (part.size() > kMaxPart) return refuse("the host name is longer than DNS allows");
  }
  // A lone dot was taken for the root's.
  if (name.empty()) return refuse("the host name has an empty part");
  if (ends_in_a_number(name)) {
    return refuse("the host ends in a number, and is no IPv4 address like 192.0.2.1");
  }
  return {};
}

// Not by Boost.URL 1.81, for which 99999 is 34463.
Expected<std::uint16_t> read_port(std::string_view digits, std::uint16_t otherwise) {
  if (digits.empty()) return otherwise;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || port == 0) return refuse("the port must be between 1 and 65535");
  return port;
}

}  // namespace

Expected<TargetUrl> parse_target_url(std::string_view text) {
  if (text.empty()) return refuse("the URL is missing");
  if (text.size() > kMaxUrlLength) return refuse_length(text.size());
  const auto parsed = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
  if (!parsed) return refuse_malformed(text);
  boost::urls::url url(*parsed);
  if (!url.has_authority()) return refuse(kNoScheme);
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  if (!tls && url.scheme_id() != boost::urls::scheme::http) {
    return refuse(fmt::format("the scheme must be http or https, not {}",
                              std::string(url.scheme().substr(0, 32))));
  }
  if (url.encoded_host().empty()) return refuse("the URL has no host");
  if (url.has_userinfo()) return refuse("the URL must not carry a user name or password");
  // Boost.URL 1.81 takes what it cannot read as a port for the path's beginning.
  if (!url.encoded_path().empty() && !url.encoded_path().starts_with('/')) return refuse(kNotValid);
  if (url.host_type() == boost::urls::host_type::ipvfuture) {
    return refuse("the host is an address of an unknown kind");
  }
  if (url.host_type() == boost::urls::host_type::name) {
    const auto host = url.encoded_host();
    if (const auto checked = check_host_name({host.data(), host.size()}); !checked) {
      return std::unexpected(checked.error());
    }
  }
  const Expected<std::uint16_t> port =
      read_port({url.port().data(), url.port().size()}, tls ? 443 : 80);
  if (!port) return std::unexpected(port.error());

  url.normalize_scheme();
  url.normalize_authority();
  // Boost.URL 1.81 decodes %2F and, in a query, %26 and %3D, which then mean something else. What
  // is encoded is left as it is.
  if (!url.encoded_path().contains('%')) url.normalize_path();
  url.remove_fragment();
  if (url.encoded_path().empty()) url.set_path_absolute(true);
  if (url.size() > kMaxUrlLength) return refuse_length(url.size());
  TargetUrl target;
  target.tls = tls;
  target.host = url.host_address();
  target.port = *port;
  target.host_is_address = url.host_type() != boost::urls::host_type::name;
  target.text = std::string(url.buffer());
  return target;
}

}  // namespace firstbyte
