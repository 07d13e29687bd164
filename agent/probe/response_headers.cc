#include "agent/probe/response_headers.h"

#include <algorithm>
#include <array>

#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

constexpr std::array<std::string_view, 5> kSecret{"set-cookie", "set-cookie2", "authorization",
                                                  "proxy-authorization", "cookie"};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

void ResponseHeaders::add_line(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    *this = ResponseHeaders{};
    return;
  }
  // First, since it makes blanks of control characters: of "\x1fset-cookie" the secret is kept too.
  const std::string text = to_utf8(line);
  const auto colon = text.find(':');
  if (colon == std::string::npos) return;
  std::string name(trim(std::string_view(text).substr(0, colon)));
  if (name.empty()) return;
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  std::string value = std::ranges::find(kSecret, name) != kSecret.end()
                          ? std::string(kRedacted)
                          : std::string(trim(std::string_view(text).substr(colon + 1)));
  bytes_ += name.size() + value.size();
  if (truncated_ || headers_.size() >= kMaxHeaders || bytes_ > kMaxHeaderBytes) {
    truncated_ = true;
    return;
  }
  headers_.emplace_back(std::move(name), std::move(value));
}

}  // namespace firstbyte::agent
