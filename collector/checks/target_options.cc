#include "collector/checks/target_options.h"

#include <yaml-cpp/yaml.h>

#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <string>

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

// {"limits_ms": {"dns": 1}}, {"expect": {"headers": [["a", "b"]]}}; and no circle of aliases ends.
constexpr int kDeepest = 5;

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

json::value scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  // yaml-cpp's tag of what is quoted.
  if (node.Tag() == "!") return json::value(text);
  if (text == "true" || text == "false") return json::value(text == "true");
  if (const auto number = whole_number<std::int64_t>(text)) return json::value(*number);
  return json::value(text);
}

}  // namespace

json::value json_of(const YAML::Node& node, int depth) {
  if (depth > kDeepest) return nullptr;
  if (node.IsScalar()) return scalar(node);
  if (node.IsSequence()) {
    json::array array;
    for (const YAML::Node& item : node) array.push_back(json_of(item, depth + 1));
    return array;
  }
  if (node.IsMap()) {
    json::object object;
    for (const auto& member : node) {
      object[member.first.Scalar()] = json_of(member.second, depth + 1);
    }
    return object;
  }
  return nullptr;
}

YAML::Node find_node(const YAML::Node& root, std::string_view pointer) {
  YAML::Node node(root);
  while (pointer.starts_with('/')) {
    pointer.remove_prefix(1);
    const std::string token(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(token.size());
    const auto index = whole_number<std::size_t>(token);
    // Asked as a constant, a node adds nothing to the document.
    const YAML::Node& parent = node;
    const YAML::Node child = parent.IsMap()                 ? parent[token]
                             : parent.IsSequence() && index ? parent[*index]
                                                            : YAML::Node();
    if (!child || child.IsNull()) return node;
    node.reset(child);
  }
  return node;
}

}  // namespace firstbyte::collector
