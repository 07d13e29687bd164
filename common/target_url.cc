#include "common/target_url.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <ranges>

namespace firstbyte {
namespace {

std::unexpected<Error> refuse(std::string message) { return invalid("/url", std::move(message)); }

std::unexpected<Error> refuse_length(std::size_t length) {
  return refuse(fmt::format("the URL has {} characters, more than {}", length, kMaxUrlLength));
}

// What DNS can ask for (RFC 1035): parts of 1 to 63 characters, 253 together; the root's dot may be
// there. Any other character would mean different things to different parsers.
Expected<> check_host_name(std::string_view name) {
  constexpr std::size_t kMaxName = 253;
  constexpr std::size_t kMaxPart = 63;
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") !=
      std::string_view::npos) {
    return refuse("the host name may only hold letters, digits, '-', '_' and '.'");
  }
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > kMaxName) return refuse("the host name is longer than DNS allows");
  for (const auto part : std::views::split(name, '.')) {
    if (part.empty()) return refuse("the host name has an empty part");
    if (part.size() > kMaxPart) return refuse("the host name is longer than DNS allows");
  }
  // A lone dot was taken for the root's.
  return name.empty() ? refuse("the host name has an empty part") : Expected<>{};
}

}  // namespace

Expected<TargetUrl> parse_target_url(std::string_view text) {
  constexpr const char* kNotValid =
      "this is not a valid URL; it should look like https://example.com/";
  if (text.empty()) return refuse("the URL is missing");
  if (text.size() > kMaxUrlLength) return refuse_length(text.size());
  const auto parsed = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
  if (!parsed) return refuse(kNotValid);
  boost::urls::url url(*parsed);
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  if (!tls && url.scheme_id() != boost::urls::scheme::http) {
    return refuse(fmt::format("the scheme must be http or https, not {}",
                              std::string(url.scheme().substr(0, 32))));
  }
  if (!url.has_authority() || url.encoded_host().empty()) return refuse("the URL has no host");
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
  if (url.has_port() && !url.port().empty() && url.port_number() == 0) {
    return refuse("the port must be between 1 and 65535");
  }

  url.normalize();
  url.remove_fragment();
  if (url.encoded_path().empty()) url.set_path_absolute(true);
  if (url.size() > kMaxUrlLength) return refuse_length(url.size());
  TargetUrl target;
  target.tls = tls;
  target.host = url.host_address();
  target.port = url.port_number() != 0 ? url.port_number() : (tls ? 443 : 80);
  target.host_is_address = url.host_type() != boost::urls::host_type::name;
  target.text = std::string(url.buffer());
  return target;
}

}  // namespace firstbyte
