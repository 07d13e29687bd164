#include "common/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/ci_string.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <span>

#include "common/enum_names.h"

namespace firstbyte {
namespace {

namespace grammar = boost::urls::grammar;
using grammar::ci_is_equal;

constexpr std::array<std::string_view, 3> kMethodNames{"GET", "HEAD", "POST"};
constexpr std::array<std::string_view, 4> kHttpVersionNames{"auto", "1.1", "2", "3"};

// Those of the connection and of the request's framing, which are made up by whoever sends it.
constexpr std::array<std::string_view, 10> kOwnHeaders{
    "connection",     "content-length",   "expect", "host",
    "http2-settings", "keep-alive",       "te",     "trailer",
    "upgrade",        "transfer-encoding"};
constexpr std::string_view kOwnPrefix = "proxy-";

// What begins with kOwnPrefix is never in a target.
constexpr std::array<std::string_view, 2> kSecretHeaders{"authorization", "cookie"};
constexpr std::array<std::string_view, 3> kSecretSuffixes{"-key", "-secret", "-token"};

bool is_one_of(std::string_view name, std::span<const std::string_view> lower_names) {
  return std::ranges::any_of(lower_names,
                             [&](std::string_view known) { return ci_is_equal(name, known); });
}

}  // namespace

std::string_view to_string(Method method) {
  return kMethodNames.at(static_cast<std::size_t>(method));
}
std::optional<Method> method_from_string(std::string_view text) {
  return find_name<Method>(kMethodNames, text);
}
std::string_view to_string(HttpVersion version) {
  return kHttpVersionNames.at(static_cast<std::size_t>(version));
}
std::optional<HttpVersion> http_version_from_string(std::string_view text) {
  return find_name<HttpVersion>(kHttpVersionNames, text);
}

bool needs_tls(HttpVersion version) {
  return version == HttpVersion::k2 || version == HttpVersion::k3;
}

std::chrono::milliseconds max_timeout(const Target& target) {
  return target.samples > 1 || target.family == Family::kBoth ? kMaxTimeoutOfSamples : kMaxTimeout;
}

bool is_header_name(std::string_view name) {
  constexpr auto kToken =
      grammar::lut_chars(grammar::alnum_chars) + grammar::lut_chars("!#$%&'*+-.^_`|~");
  return !name.empty() && std::ranges::all_of(name, kToken);
}

bool is_header_value(std::string_view value) {
  return std::ranges::none_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

Expected<> check_request_header(std::string_view name, std::string_view value) {
  if (!is_header_name(name)) {
    return invalid("", "a header's name is made of letters, digits and !#$%&'*+-.^_`|~");
  }
  const bool own =
      is_one_of(name, kOwnHeaders) || ci_is_equal(name.substr(0, kOwnPrefix.size()), kOwnPrefix);
  if (own) return invalid("", fmt::format("the header {} is the agent's own to send", name));
  if (!is_header_value(value)) {
    return invalid("", fmt::format("the value of the header {} has a control character", name));
  }
  return {};
}

bool is_secret_header(std::string_view name) {
  return is_one_of(name, kSecretHeaders) ||
         std::ranges::any_of(kSecretSuffixes, [&](std::string_view suffix) {
           return name.size() > suffix.size() &&
                  ci_is_equal(name.substr(name.size() - suffix.size()), suffix);
         });
}

Target redacted(Target target) {
  for (auto& [name, value] : target.headers) {
    if (is_secret_header(name)) value = kRedacted;
  }
  return target;
}

}  // namespace firstbyte
