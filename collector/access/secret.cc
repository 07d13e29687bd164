#include "collector/access/secret.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>

namespace firstbyte::collector {
namespace {

constexpr std::size_t kIdBytes = 6;
constexpr std::size_t kSecretBytes = 32;

template <typename Bytes>
std::string hex(const Bytes& bytes) {
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::string sha256(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return hex(digest);
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

Expected<Secret> make_secret(std::string_view prefix) {
  std::array<unsigned char, kIdBytes> id{};
  std::array<unsigned char, kSecretBytes> secret{};
  if (RAND_bytes(id.data(), id.size()) != 1 || RAND_priv_bytes(secret.data(), secret.size()) != 1) {
    return fatal("this machine gives no random bytes");
  }
  const std::string text = fmt::format("{}{}_{}", prefix, hex(id), hex(secret));
  OPENSSL_cleanse(secret.data(), secret.size());
  return Secret{text, hex(id), sha256(text)};
}

std::optional<Secret> parse_secret(std::string_view prefix, std::string_view text) {
  constexpr std::size_t kIdEnd = 2 * kIdBytes;
  const std::string whole(text);
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  if (text.size() != kIdEnd + 1 + 2 * kSecretBytes || text[kIdEnd] != '_' ||
      !is_hex(text.substr(0, kIdEnd)) || !is_hex(text.substr(kIdEnd + 1))) {
    return std::nullopt;
  }
  return Secret{whole, std::string(text.substr(0, kIdEnd)), sha256(whole)};
}

bool same_hash(std::string_view stored, std::string_view given) {
  return stored.size() == given.size() &&
         CRYPTO_memcmp(stored.data(), given.data(), stored.size()) == 0;
}

}  // namespace firstbyte::collector
