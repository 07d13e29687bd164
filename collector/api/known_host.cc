#include "collector/api/known_host.h"

#include <algorithm>

#include "collector/api/header_list.h"
#include "common/endpoint.h"

namespace firstbyte::collector {

bool is_known_host(std::string_view host, const std::vector<std::string>& names) {
  if (parse_endpoint(host)) return true;
  std::string_view name = host.substr(0, host.find(':'));
  if (name.ends_with('.')) name.remove_suffix(1);
  constexpr std::string_view kBelow = ".localhost";
  const bool below =
      name.size() > kBelow.size() && same_word(name.substr(name.size() - kBelow.size()), kBelow);
  return below || same_word(name, "localhost") ||
         std::ranges::any_of(names, [&](const auto& known) { return same_word(name, known); });
}

}  // namespace firstbyte::collector
