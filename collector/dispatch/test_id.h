// Names of tests: they stand in permanent addresses.
#pragma once

#include <string>
#include <string_view>

namespace firstbyte::collector {

// 13 characters of Crockford's base32: 65 random bits, so that a test cannot be guessed from
// another.
std::string random_test_id();
// Whether a text can be one at all; cheaper than asking the store.
bool is_test_id(std::string_view text);

}  // namespace firstbyte::collector
