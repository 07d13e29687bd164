#include "collector/checks/targets_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <optional>
#include <set>

#include "collector/checks/target_options.h"
#include "collector/config/yaml_source.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;

constexpr std::string_view kFlag = "--targets";
constexpr std::size_t kMaxCityBytes = 64;

std::optional<milliseconds> parse_interval(std::string_view text) {
  std::int64_t number = 0;
  const auto [unit, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0 || number > Micros{kMaxInterval}.count()) {
    return std::nullopt;
  }
  const std::string_view word = text.substr(static_cast<std::size_t>(unit - text.data()));
  if (word == "ms") return milliseconds{number};
  if (word == "s") return std::chrono::seconds{number};
  if (word == "m") return std::chrono::minutes{number};
  if (word == "h") return std::chrono::hours{number};
  return std::nullopt;
}

// "/expect/status" as the keys that people wrote: "expect.status".
std::string keys_of(std::string_view pointer) {
  std::string keys(pointer.substr(pointer.starts_with('/') ? 1 : 0));
  std::ranges::replace(keys, '/', '.');
  return keys;
}

class Parser {
 public:
  explicit Parser(std::string_view name) : source_(kFlag, name) {}

  Expected<std::vector<ConfiguredTarget>> targets(const std::string& text) {
    return source_.load(text, [this](const YAML::Node& document) { return targets(document); });
  }

 private:
  Expected<std::vector<ConfiguredTarget>> targets(const YAML::Node& document) {
    if (!document.IsMap())
      return wrong(document, "", "the file must be a map with the key targets");
    if (auto checked = source_.check_keys(document, [](auto key) { return key == "targets"; });
        !checked) {
      return std::unexpected(checked.error());
    }
    const YAML::Node list = document["targets"];
    if (!list || !list.IsSequence()) return wrong(document, "targets", "must be a list");
    if (list.size() > kMaxChecks) {
      return wrong(list, "targets", fmt::format("there are more than {}", kMaxChecks));
    }
    std::vector<ConfiguredTarget> targets;
    for (const YAML::Node& node : list) {
      Expected<ConfiguredTarget> read = target(node);
      if (!read) return std::unexpected(read.error());
      targets.push_back(*std::move(read));
    }
    if (bytes_ > kMostFileBytes) {
      return wrong(list, "targets",
                   fmt::format("they are larger than {} bytes together", kMostFileBytes));
    }
    return targets;
  }

  std::unexpected<Error> wrong(const YAML::Node& node, std::string_view key,
                               std::string_view why) const {
    return source_.wrong(node, key, why);
  }

  Expected<ConfiguredTarget> target(const YAML::Node& node) {
    if (!node.IsMap()) return wrong(node, "targets", "each must be a map");
    // Those that are not known are the options' to refuse.
    if (auto unique = source_.check_keys(node, [](auto) { return true; }); !unique) {
      return std::unexpected(unique.error());
    }
    ConfiguredTarget target;
    if (auto taken = take_name(node, target.check); !taken) return std::unexpected(taken.error());
    if (auto taken = take_interval(node, target.check); !taken) {
      return std::unexpected(taken.error());
    }
    if (auto taken = take_cities(node, target.cities); !taken) {
      return std::unexpected(taken.error());
    }
    if (auto taken = take_options(node, target.check); !taken) {
      return std::unexpected(taken.error());
    }
    target.check.id = check_id(target.check);
    return target;
  }

  Expected<> take_name(const YAML::Node& node, Check& check) {
    const YAML::Node name = node["name"];
    if (!name) return wrong(node, "name", "is missing");
    if (!name.IsScalar() || !is_check_name(name.Scalar())) {
      return wrong(name, "name", "must be 1 to 64 of a-z, 0-9, '-', '_' and '.'");
    }
    check.name = name.Scalar();
    if (names_.insert(check.name).second) return {};
    return wrong(name, "name", fmt::format("another target is called {}", check.name));
  }

  Expected<> take_interval(const YAML::Node& node, Check& check) const {
    const YAML::Node interval = node["interval"];
    if (!interval) return wrong(node, "interval", "is missing");
    const auto parsed = interval.IsScalar() ? parse_interval(interval.Scalar()) : std::nullopt;
    if (!parsed || *parsed < kMinInterval || *parsed > kMaxInterval) {
      return wrong(interval, "interval",
                   "must be a whole number and ms, s, m or h, from 100ms to 1h");
    }
    check.interval = *parsed;
    return {};
  }

  Expected<> take_cities(const YAML::Node& node, std::vector<std::string>& cities) const {
    const YAML::Node list = node["cities"];
    if (!list) return {};
    if (!list.IsSequence() || list.size() == 0) {
      return wrong(list, "cities", "must be a list of cities' names or agents' ids");
    }
    for (const YAML::Node& city : list) {
      if (!city.IsScalar() || city.Scalar().empty() || city.Scalar().size() > kMaxCityBytes) {
        return wrong(city, "cities", "each must be a city's name or an agent's id");
      }
      if (std::ranges::find(cities, city.Scalar()) != cities.end()) {
        return wrong(city, "cities", fmt::format("{} is there twice", city.Scalar()));
      }
      cities.push_back(city.Scalar());
    }
    return {};
  }

  Expected<> take_options(const YAML::Node& node, Check& check) {
    json::object options = json_of(node).as_object();
    for (const char* own : {"name", "interval", "cities"}) options.erase(own);
    bytes_ += json::serialize(options).size();
    Expected<Target> target = parse_target(options);
    if (!target) {
      const std::string& pointer = target.error().field;
      const YAML::Node at = find_node(node, pointer);
      return wrong(at, keys_of(pointer), target.error().message);
    }
    check.target = *std::move(target);
    if (!options.contains("timeout_ms")) {
      check.target.timeout = std::min<Micros>(kUsualTimeout, check.interval);
    } else if (check.target.timeout > check.interval) {
      return wrong(find_node(node, "/timeout_ms"), "timeout_ms",
                   "a probe may not take longer than the interval");
    }
    return {};
  }

  const YamlSource source_;
  std::set<std::string> names_;
  std::size_t bytes_ = 0;
};

}  // namespace

Expected<std::vector<ConfiguredTarget>> parse_targets(const std::string& text,
                                                      std::string_view name) {
  return Parser(name).targets(text);
}

Expected<std::vector<ConfiguredTarget>> read_targets(const std::filesystem::path& file) {
  const auto text = read_yaml_text(file, kFlag, kMostFileBytes);
  if (!text) return std::unexpected(text.error());
  return parse_targets(*text, file.filename().string());
}

}  // namespace firstbyte::collector
