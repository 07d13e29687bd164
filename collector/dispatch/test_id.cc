#include "collector/dispatch/test_id.h"

#include <random>

namespace firstbyte::collector {
namespace {

constexpr std::string_view kAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kLength = 13;

}  // namespace

std::string random_test_id() {
  std::random_device device;
  std::string id;
  while (id.size() < kLength) id += kAlphabet[device() % kAlphabet.size()];
  return id;
}

bool is_test_id(std::string_view text) {
  return text.size() == kLength && text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

}  // namespace firstbyte::collector
