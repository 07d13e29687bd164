#include "common/target.h"

#include "common/enum_names.h"

namespace firstbyte {
namespace {

constexpr std::array<std::string_view, 3> kMethodNames{"GET", "HEAD", "POST"};
constexpr std::array<std::string_view, 4> kHttpVersionNames{"auto", "1.1", "2", "3"};

}  // namespace

std::string_view to_string(Method method) {
  return kMethodNames.at(static_cast<std::size_t>(method));
}
std::optional<Method> method_from_string(std::string_view text) {
  return find_name<Method>(kMethodNames, text);
}
std::string_view to_string(HttpVersion version) {
  return kHttpVersionNames.at(static_cast<std::size_t>(version));
}
std::optional<HttpVersion> http_version_from_string(std::string_view text) {
  return find_name<HttpVersion>(kHttpVersionNames, text);
}

}  // namespace firstbyte
