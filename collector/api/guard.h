// Who may do what over HTTP. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "collector/access/api_tokens.h"
#include "collector/api/http.h"
#include "collector/api/sessions.h"
#include "common/clock.h"

namespace firstbyte::collector {

// Who may read, and start on-demand tests. Whatever else changes something needs a token either
// way.
enum class HttpAccess : std::uint8_t {
  kPublic,  // everybody
  kToken,   // whoever has an API token with the scope
};
std::string_view to_string(HttpAccess access);
std::optional<HttpAccess> http_access_from_string(std::string_view text);

class Guard {
 public:
  // The tokens and the clock outlive it.
  Guard(HttpAccess access, ApiTokens& tokens, const Clock& clock)
      : access_(access), tokens_(tokens), sessions_(clock) {}

  HttpAccess access() const { return access_; }

  // Absent when the request may go on. Else the problem to answer with: 401 when nobody is known to
  // be behind it, 403 when who is there may not, 503 when that cannot be found out. A token comes
  // as "Authorization: Bearer …" or, except for kAdmin, by the cookie of a session.
  std::optional<HttpResponse> refuse(const HttpRequest& request, Scope scope);

  // {"token": "fbt_…"} -> 204 and the cookie of a session; 401 when it is not a token.
  HttpResponse sign_in(const HttpRequest& request);
  // Ends the request's session, if it has one.
  HttpResponse sign_out(const HttpRequest& request);

 private:
  // The token that a request brings with it; absent without one.
  std::optional<std::string> token_of(const HttpRequest& request, Scope scope) const;

  const HttpAccess access_;
  ApiTokens& tokens_;
  Sessions sessions_;
};

}  // namespace firstbyte::collector
