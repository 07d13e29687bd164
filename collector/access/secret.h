// Secrets that are handed out once and kept as a digest: API tokens and join tokens.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte::collector {

inline constexpr std::string_view kApiTokenPrefix = "fbt_";
inline constexpr std::string_view kJoinTokenPrefix = "fbj_";

// "fbt_" + 12 hex digits that name it + "_" + 64 hex digits that nobody can guess (256 bit). The
// prefix lets scanners for leaked secrets find it; the name is what it is looked up by, so that no
// comparison of the secret itself depends on an index.
struct Secret {
  std::string text;
  std::string id;
  std::string hash;  // SHA-256 of `text` in hex; the text has too many bits to need a salt
};

// Fails only when the machine gives no random bytes.
Expected<Secret> make_secret(std::string_view prefix);

// Taken apart, and hashed; absent when it does not have the form.
std::optional<Secret> parse_secret(std::string_view prefix, std::string_view text);

// In a time that does not depend on where they differ.
bool same_hash(std::string_view stored, std::string_view given);

}  // namespace firstbyte::collector
