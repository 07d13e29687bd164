#include "collector/api/test_request.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxAgents = 1000;

Expected<json::object> parse_object(std::string_view body) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::error_code error;
  json::value value = json::parse({body.data(), body.size()}, error, {}, options);
  if (error == json::error::too_deep) {
    return invalid("", fmt::format("the JSON is nested more than {} levels deep", kMaxDepth));
  }
  if (error) return invalid("", fmt::format("the body is not valid JSON: {}", error.message()));
  if (!value.is_object()) return invalid("", "the body must be a JSON object");
  return std::move(value.get_object());
}

Expected<> take_agents(const json::value& value, TestRequest& request) {
  if (!value.is_array() || value.get_array().empty()) {
    return invalid("/agents", "the agents must be a list of at least one agent id");
  }
  const json::array& ids = value.get_array();
  if (ids.size() > kMaxAgents) {
    return invalid("/agents", fmt::format("there are more than {} agents", kMaxAgents));
  }
  for (const json::value& id : ids) {
    if (!id.is_string()) {
      return invalid(fmt::format("/agents/{}", request.agent_ids.size()),
                     "an agent id must be a string");
    }
    request.agent_ids.emplace_back(std::string_view(id.get_string()));
  }
  return {};
}

}  // namespace

Expected<TestRequest> parse_test_request(std::string_view body) {
  Expected<json::object> object = parse_object(body);
  if (!object) return std::unexpected(object.error());
  TestRequest request;
  if (const json::value* agents = object->if_contains("agents")) {
    if (auto taken = take_agents(*agents, request); !taken) return std::unexpected(taken.error());
    object->erase("agents");
  }
  Expected<Target> target = parse_target(*object);
  if (!target) return std::unexpected(target.error());
  request.target = *std::move(target);
  return request;
}

}  // namespace firstbyte::collector
