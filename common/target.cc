#include "common/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>

#include "common/enum_names.h"
#include "common/utf8.h"

namespace firstbyte {
namespace {

constexpr std::array<std::string_view, 3> kMethodNames{"GET", "HEAD", "POST"};
constexpr std::array<std::string_view, 4> kHttpVersionNames{"auto", "1.1", "2", "3"};

// Of framing and of the connection (RFC 9110, 7.6.1), `proxy-` and all beyond it aside.
constexpr std::array<std::string_view, 9> kOwnHeaders{
    "host",    "connection", "content-length", "transfer-encoding", "expect", "te",
    "upgrade", "keep-alive", "trailer"};

bool is_own_header(std::string_view name) {
  return boost::algorithm::istarts_with(name, "proxy-") ||
         std::ranges::any_of(kOwnHeaders, [&](std::string_view own) {
           return boost::algorithm::iequals(name, own);
         });
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
bool is_header_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~") ==
             std::string_view::npos;
}

Expected<> check_request_header(std::string_view name, std::string_view value) {
  if (name.empty()) return invalid("", "a header has no name");
  if (!is_header_name(name)) {
    return invalid("", fmt::format("{} is not a header name", to_utf8(name)));
  }
  if (is_own_header(name)) {
    return invalid("", fmt::format("the header {} is set by the agent itself", name));
  }
  if (!is_printable_utf8(value)) {
    return invalid("", fmt::format("the value of the header {} holds control characters or is not "
                                   "UTF-8",
                                   name));
  }
  return {};
}

}  // namespace firstbyte
