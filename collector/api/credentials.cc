#include "collector/api/credentials.h"

#include <algorithm>

#include "collector/api/header_list.h"

namespace firstbyte::collector {

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view kToken68 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=";
  const std::string_view scheme = cut(authorization, ' ');
  authorization.remove_prefix(std::min(authorization.find_first_not_of(' '), authorization.size()));
  const bool is_token =
      !authorization.empty() && authorization.find_first_not_of(kToken68) == std::string_view::npos;
  if (!same_word(scheme, "Bearer") || !is_token) return std::nullopt;
  return authorization;
}

std::optional<std::string_view> cookie(std::string_view cookies, std::string_view name) {
  while (!cookies.empty()) {
    std::string_view value = cut(cookies, ';');
    const bool has_value = value.contains('=');
    if (cut(value, '=') == name && has_value) return value;
  }
  return std::nullopt;
}

bool is_same_origin(const HttpRequest& request) {
  // Browsers say this themselves, of what goes to https or to localhost; elsewhere they send Origin
  // with whatever is not a GET.
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty()) return site == "same-origin";
  const std::string_view origin = request.header("origin");
  const auto authority = origin.find("://");
  return authority != std::string_view::npos &&
         same_word(origin.substr(authority + 3), request.header("host"));
}

}  // namespace firstbyte::collector
