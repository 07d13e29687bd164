// Where a redirect leads, and what is asked there.
#pragma once

#include <string_view>

#include "agent/probe/http_transfer.h"
#include "common/error.h"

namespace firstbyte::agent {

// Of the statuses that a browser follows, once there is a Location: 301, 302, 303, 307, 308.
bool is_redirect(int status);

bool is_same_origin(const TargetUrl& a, const TargetUrl& b);

// The request that follows `request`, as browsers do it: 303 makes anything but HEAD a GET, 301 and
// 302 a POST; the body and what is said of it go with the POST. Headers that are secrets by
// their name are not told another origin. `location` is an absolute URL. The new request has no
// address. Refuses whatever parse_target_url() refuses, once what browsers would percent-encode is.
Expected<HttpRequest> follow_redirect(const HttpRequest& request, int status,
                                      std::string_view location);

}  // namespace firstbyte::agent
