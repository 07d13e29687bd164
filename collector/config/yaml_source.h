// A YAML file of the operator's, and the sentences that say where it is wrong.
#pragma once

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/node/node.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte::collector {

// Errors are kInvalid and name the flag by which the file was given.
Expected<std::string> read_yaml_text(const std::filesystem::path& file, std::string_view flag,
                                     std::size_t most_bytes);

class YamlSource {
 public:
  // `name` is what sentences call the text. Both outlive this.
  YamlSource(std::string_view flag, std::string_view name) : flag_(flag), name_(name) {}

  // The text as `parse` understands it; what is no YAML is told like any other fault.
  template <typename Parse>
  auto load(const std::string& text, Parse parse) const -> decltype(parse(YAML::Node())) {
    try {
      return parse(load(text));
    } catch (const YAML::Exception& error) {
      return broken(error);
    }
  }

  // "edges.yaml:3: city: is missing"; an empty `key` is left out.
  std::unexpected<Error> wrong(const YAML::Mark& mark, std::string_view key,
                               std::string_view why) const;
  std::unexpected<Error> wrong(const YAML::Node& node, std::string_view key,
                               std::string_view why) const {
    return wrong(node.Mark(), key, why);
  }

  // Each key is text, known, and there once.
  Expected<> check_keys(const YAML::Node& map,
                        const std::function<bool(std::string_view key)>& is_known) const;

 private:
  static YAML::Node load(const std::string& text);
  std::unexpected<Error> broken(const YAML::Exception& error) const;

  const std::string_view flag_;
  const std::string_view name_;
};

}  // namespace firstbyte::collector
