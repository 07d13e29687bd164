#include "agent/probe/redirect.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/target.h"

namespace firstbyte::agent {
namespace {

// Those of them that a request may carry: the others are the agent's own to send.
constexpr std::array kOfTheBody{"content-type", "content-encoding", "content-language",
                                "content-location"};

bool is_of_the_body(const std::string& name) {
  return std::ranges::any_of(
      kOfTheBody, [&](const char* known) { return curl_strequal(known, name.c_str()) != 0; });
}

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

// Servers write into Location what RFC 3986 has no place for; browsers encode it. The host's name
// is left as it is.
std::string encoded(std::string_view location) {
  constexpr std::string_view kOdd = "\"<>[\\]^`{|}";
  location = location.substr(0, location.find('#'));
  const auto scheme = location.find("://");
  const auto authority_end =
      scheme == std::string_view::npos ? 0 : location.find_first_of("/?", scheme + 3);
  if (authority_end == std::string_view::npos) return std::string(location);
  std::string url(location.substr(0, authority_end));
  for (std::string_view rest = location.substr(authority_end); !rest.empty();
       rest.remove_prefix(1)) {
    const char c = rest.front();
    const bool lone_percent = c == '%' && !(rest.size() > 2 && is_hex(rest[1]) && is_hex(rest[2]));
    if (c <= ' ' || c >= 0x7f || lone_percent || kOdd.contains(c)) {
      url += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      url += c;
    }
  }
  return url;
}

}  // namespace

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_same_origin(const TargetUrl& a, const TargetUrl& b) {
  return a.tls == b.tls && a.host == b.host && a.port == b.port;
}

Expected<HttpRequest> follow_redirect(const HttpRequest& request, int status,
                                      std::string_view location) {
  Expected<TargetUrl> url = parse_target_url(encoded(location));
  if (!url) return std::unexpected(url.error());
  HttpRequest next = request;
  next.address.clear();
  next.port = 0;
  const bool forgets_post = status == 301 || status == 302 || status == 303;
  if (forgets_post && next.method == Method::kPost) {
    next.method = Method::kGet;
    next.body.clear();
    std::erase_if(next.headers, [](const auto& header) { return is_of_the_body(header.first); });
  }
  if (!is_same_origin(request.url, *url)) {
    std::erase_if(next.headers, [](const auto& header) { return is_secret_header(header.first); });
  }
  next.url = *std::move(url);
  return next;
}

}  // namespace firstbyte::agent
