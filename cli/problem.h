// What a collector says when it refuses, in the words of the command line.
#pragma once

#include <string_view>

#include "common/error.h"

namespace firstbyte::cli {

// `body` should be a problem document (RFC 9457), whose `field` becomes the flag that it is said
// by; `retry_after` is the header of that name. kTransient where asking again may help (408 and
// 5xx), else kInvalid.
Error problem_error(long status, std::string_view body, std::string_view retry_after);

// The flag for a JSON pointer of POST /tests, or for a parameter of a query; empty where none is.
std::string_view flag_of(std::string_view field);

}  // namespace firstbyte::cli
