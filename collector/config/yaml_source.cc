#include "collector/config/yaml_source.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>

namespace firstbyte::collector {
namespace {

// Of a key that nobody knows, in a sentence.
constexpr std::size_t kMostKeyBytes = 64;

}  // namespace

Expected<std::string> read_yaml_text(const std::filesystem::path& file, std::string_view flag,
                                     std::size_t most_bytes) {
  std::ifstream stream(file, std::ios::binary);
  std::string text(most_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.gcount() == 0 && (!stream.eof() || stream.bad())) {
    return invalid(std::string(flag), fmt::format("{} cannot be read", file.string()));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most_bytes) {
    return invalid(std::string(flag),
                   fmt::format("{} is larger than {} bytes", file.string(), most_bytes));
  }
  return text;
}

std::unexpected<Error> YamlSource::wrong(const YAML::Mark& mark, std::string_view key,
                                         std::string_view why) const {
  return invalid(std::string(flag_), fmt::format("{}:{}: {}{}{}", name_, std::max(mark.line, 0) + 1,
                                                 key, key.empty() ? "" : ": ", why));
}

Expected<> YamlSource::check_keys(const YAML::Node& map,
                                  const std::function<bool(std::string_view key)>& is_known) const {
  std::set<std::string> seen;
  for (const auto& member : map) {
    const YAML::Node& key = member.first;
    if (!key.IsScalar()) return wrong(key, "", "a key must be text");
    if (!is_known(std::string_view(key.Scalar()))) {
      return wrong(key, key.Scalar().substr(0, kMostKeyBytes), "there is no such key");
    }
    if (!seen.insert(key.Scalar()).second) return wrong(key, key.Scalar(), "is there twice");
  }
  return {};
}

YAML::Node YamlSource::load(const std::string& text) { return YAML::Load(text); }

std::unexpected<Error> YamlSource::broken(const YAML::Exception& error) const {
  return wrong(error.mark, "", fmt::format("this is no YAML: {}", error.msg));
}

}  // namespace firstbyte::collector
