#include "agent/probe/response_headers.h"

#include <algorithm>
#include <array>

namespace firstbyte::agent {
namespace {

constexpr std::array<std::string_view, 5> kSecret{"set-cookie", "set-cookie2", "authorization",
                                                  "proxy-authorization", "cookie"};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// How many bytes a well-formed UTF-8 sequence at the front of `text` has, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and what lies beyond Unicode.
  const unsigned char second = byte(1);
  if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ||
      (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return length;
}

}  // namespace

std::string to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const auto first = static_cast<unsigned char>(bytes.front());
    if (length == 0) {
      text += static_cast<char>(0xc0 | (first >> 6));
      text += static_cast<char>(0x80 | (first & 0x3f));
    } else if (first < 0x20 || first == 0x7f) {
      text += ' ';
    } else {
      text += bytes.substr(0, length);
    }
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text;
}

void ResponseHeaders::add_line(std::string_view line) {
  if (line.starts_with("HTTP/")) {
    *this = ResponseHeaders{};
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name = to_utf8(trim(line.substr(0, colon)));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  std::string value = std::ranges::find(kSecret, name) != kSecret.end()
                          ? "<redacted>"
                          : to_utf8(trim(line.substr(colon + 1)));
  bytes_ += name.size() + value.size();
  if (truncated_ || headers_.size() >= kMaxHeaders || bytes_ > kMaxHeaderBytes) {
    truncated_ = true;
    return;
  }
  headers_.emplace_back(std::move(name), std::move(value));
}

}  // namespace firstbyte::agent
