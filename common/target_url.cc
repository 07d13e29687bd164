#include "common/target_url.h"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>

namespace firstbyte {
namespace {

std::unexpected<Error> refuse(std::string message) { return invalid("/url", std::move(message)); }

}  // namespace

Expected<TargetUrl> parse_target_url(std::string_view text) {
  if (text.empty()) return refuse("the URL is missing");
  if (text.size() > kMaxUrlLength) {
    return refuse(fmt::format("the URL has {} characters, more than {}", text.size(), kMaxUrlLength));
  }
  const auto parsed = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
  if (!parsed) return refuse("this is not a valid URL; it should look like https://example.com/");
  boost::urls::url url(*parsed);
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  if (!tls && url.scheme_id() != boost::urls::scheme::http) {
    return refuse(
        fmt::format("the scheme must be http or https, not {}", std::string(url.scheme())));
  }
  if (!url.has_authority() || url.encoded_host().empty()) return refuse("the URL has no host");
  if (url.has_userinfo()) return refuse("the URL must not carry a user name or password");
  // A host name with escapes or control characters would mean different things to different parsers.
  if (url.host_type() == boost::urls::host_type::name &&
      url.encoded_host().find('%') != boost::core::string_view::npos) {
    return refuse("the host name must not contain escapes");
  }
  if (url.has_port() && !url.port().empty() && url.port_number() == 0) {
    return refuse("the port must be between 1 and 65535");
  }

  url.normalize();
  url.remove_fragment();
  if (url.encoded_path().empty()) url.set_encoded_path("/");
  TargetUrl target;
  target.tls = tls;
  target.host = url.host_address();
  target.port = url.port_number() != 0 ? url.port_number() : (tls ? 443 : 80);
  target.host_is_address = url.host_type() != boost::urls::host_type::name;
  target.text = std::string(url.buffer());
  if (url.host_type() == boost::urls::host_type::ipvfuture) {
    return refuse("the host is an address of an unknown kind");
  }
  return target;
}

}  // namespace firstbyte
