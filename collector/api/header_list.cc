#include "collector/api/header_list.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace firstbyte::collector {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// "gzip;q=0.5" weighs 0.5, "gzip" 1; what cannot be read weighs nothing.
double weight(std::string_view parameters) {
  while (!parameters.empty()) {
    std::string_view value = cut(parameters, ';');
    if (!same_word(cut(value, '='), "q")) continue;
    double weight = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), weight);
    const bool read = error == std::errc{} && end == value.data() + value.size();
    return read && weight >= 0 && weight <= 1 ? weight : 0;
  }
  return 1;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return trim(part);
}

std::optional<double> preference(std::string_view accept, std::string_view name) {
  std::optional<double> any;
  while (!accept.empty()) {
    std::string_view parameters = cut(accept, ',');
    const std::string_view listed = cut(parameters, ';');
    if (same_word(listed, name)) return weight(parameters);
    if (listed == "*") any = weight(parameters);
  }
  return any;
}

bool prefers_html(std::string_view accept) {
  const double html = preference(accept, "text/html").value_or(0);
  return html > preference(accept, "application/json").value_or(0) &&
         html > preference(accept, "application/problem+json").value_or(0);
}

}  // namespace firstbyte::collector
