#include "collector/api/guard.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <boost/json.hpp>
#include <utility>

#include "collector/api/credentials.h"
#include "common/enum_names.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 2> kAccessNames{"public", "token"};
constexpr std::string_view kCookie = "firstbyte_session";

HttpResponse challenge(unsigned status, std::string_view slug, std::string_view title,
                       std::string detail, std::string_view error) {
  HttpResponse response = problem(status, slug, title, std::move(detail));
  response.headers.emplace_back("WWW-Authenticate",
                                fmt::format("Bearer realm=\"firstbyte\"{}", error));
  return response;
}

HttpResponse without_token(Scope scope) {
  return challenge(401, "token-missing", "An API token is needed",
                   fmt::format("this needs an API token with the scope \"{}\", sent as "
                               "Authorization: Bearer fbt_…",
                               to_string(scope)),
                   "");
}

HttpResponse with_bad_token() {
  return challenge(401, "token-invalid", "The API token is not valid",
                   "this is no API token of this collector, or it has expired or was revoked",
                   ", error=\"invalid_token\"");
}

HttpResponse with_too_little(const Principal& principal, Scope scope) {
  return challenge(403, "scope-missing", "The API token may not do this",
                   fmt::format("this needs the scope \"{}\", and the token has \"{}\"",
                               to_string(scope), to_string(principal.scopes)),
                   fmt::format(", error=\"insufficient_scope\", scope=\"{}\"", to_string(scope)));
}

// The database's own words are the operator's: whoever asks may be a stranger.
HttpResponse unknown_whether(const Error& error) {
  spdlog::error("http: whose a token is cannot be found out: {}", error.message);
  return problem(503, "unavailable", "Not possible at present",
                 "it cannot be found out at present whose this API token is");
}

HttpResponse no_content(const HttpRequest& request, std::string_view session, long max_age) {
  HttpResponse response;
  response.status = 204;
  response.headers.emplace_back(
      "Set-Cookie", fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", kCookie,
                                session, max_age, request.secure ? "; Secure" : ""));
  return response;
}

bool changes_something(std::string_view method) { return method != "GET" && method != "HEAD"; }

// The member "token" of the body, and nothing else in it.
std::optional<std::string> token_in(std::string_view body) {
  json::error_code error;
  const json::value value = json::parse({body.data(), body.size()}, error);
  if (error || !value.is_object() || value.get_object().size() != 1) return std::nullopt;
  const json::value* token = value.get_object().if_contains("token");
  if (token == nullptr || !token->is_string()) return std::nullopt;
  return std::string(std::string_view(token->get_string()));
}

}  // namespace

std::string_view to_string(HttpAccess access) {
  return kAccessNames.at(static_cast<std::size_t>(access));
}

std::optional<HttpAccess> http_access_from_string(std::string_view text) {
  return find_name<HttpAccess>(kAccessNames, text);
}

std::optional<std::string> Guard::token_of(const HttpRequest& request, Scope scope) const {
  if (request.headers.contains("authorization")) {
    // What cannot be read is no token, and not the same as none.
    return std::string(bearer_token(request.header("authorization")).value_or(""));
  }
  // A cookie comes along with whatever a page makes the browser ask for.
  const bool meant = !changes_something(request.method) || is_same_origin(request);
  const auto session = cookie(request.header("cookie"), kCookie);
  if (!session || !meant || scope == Scope::kAdmin) return std::nullopt;
  return sessions_.find(*session);
}

std::optional<HttpResponse> Guard::refuse(const HttpRequest& request, Scope scope) {
  if (access_ == HttpAccess::kPublic && scope != Scope::kAdmin) return std::nullopt;
  const std::optional<std::string> token = token_of(request, scope);
  if (!token) return without_token(scope);
  const auto principal = tokens_.check(*token);
  if (!principal) return unknown_whether(principal.error());
  if (!*principal) return with_bad_token();
  if (!(*principal)->may(scope)) return with_too_little(**principal, scope);
  return std::nullopt;
}

HttpResponse Guard::sign_in(const HttpRequest& request) {
  std::optional<std::string> token = token_in(request.body);
  if (!token) {
    return problem(400, "invalid-request", "The request is not valid",
                   "the body must be a JSON object with the member \"token\" and no other");
  }
  const auto principal = tokens_.check(*token);
  if (!principal) return unknown_whether(principal.error());
  if (!*principal) return with_bad_token();
  const auto session = sessions_.open(*std::move(token));
  if (!session) return unknown_whether(session.error());
  return no_content(request, *session, std::chrono::seconds(Sessions::kLifetime).count());
}

HttpResponse Guard::sign_out(const HttpRequest& request) {
  if (const auto session = cookie(request.header("cookie"), kCookie)) sessions_.close(*session);
  return no_content(request, "", 0);
}

}  // namespace firstbyte::collector
