// Reads what a client says of itself. Untrusted text: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "collector/api/http.h"

namespace firstbyte::collector {

// The token in the value of Authorization (RFC 6750): "Bearer fbt_…". Absent where it is another
// scheme, more than one, or no token at all.
std::optional<std::string_view> bearer_token(std::string_view authorization);

// A cookie's value in the value of Cookie; of several with that name the first.
std::optional<std::string_view> cookie(std::string_view cookies, std::string_view name);

// Whether a browser says that a page of this very server made the request: not one of another site,
// nor of another port or a neighbouring name, to which SameSite=Strict does not object.
bool is_same_origin(const HttpRequest& request);

}  // namespace firstbyte::collector
