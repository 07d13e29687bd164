#include "common/airports.h"

#include <algorithm>
#include <string>

namespace firstbyte {
namespace {

constexpr std::size_t kCodeLength = 3;

bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

}  // namespace

const Airport* airport_of(std::string_view edge) {
  if (edge.size() < kCodeLength) return nullptr;
  if (edge.size() > kCodeLength && is_letter(edge[kCodeLength])) return nullptr;
  std::string code;
  for (const char c : edge.substr(0, kCodeLength)) {
    if (!is_letter(c)) return nullptr;
    code += static_cast<char>(c & ~0x20);
  }
  const auto airports = known_airports();
  const auto found = std::ranges::lower_bound(airports, code, {}, &Airport::code);
  return found != airports.end() && found->code == code ? &*found : nullptr;
}

}  // namespace firstbyte
