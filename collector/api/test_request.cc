#include "collector/api/test_request.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "collector/api/http.h"
#include "common/target_url.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDepth = 8;
constexpr std::size_t kMaxAgents = 1000;
constexpr std::int64_t kMinTimeoutMs = 100;
constexpr std::int64_t kMaxTimeoutMs = 30'000;

std::string_view view(json::string_view text) { return {text.data(), text.size()}; }

// RFC 6901: "~" and "/" within a name are escaped.
std::string pointer_to(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

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

Expected<> take_url(const json::value& value, TestRequest& request) {
  if (!value.is_string()) return invalid("/url", "the URL must be a string");
  Expected<TargetUrl> url = parse_target_url(view(value.get_string()));
  if (!url) return std::unexpected(url.error());
  request.url = std::move(url->text);
  return {};
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
    request.agent_ids.emplace_back(view(id.get_string()));
  }
  return {};
}

Expected<> take_timeout(const json::value& value, TestRequest& request) {
  json::error_code error;
  const auto ms = value.is_number() ? value.to_number<std::int64_t>(error) : -1;
  if (error || ms < kMinTimeoutMs || ms > kMaxTimeoutMs) {
    return invalid("/timeout_ms", fmt::format("the timeout must be a whole number from {} to {}",
                                              kMinTimeoutMs, kMaxTimeoutMs));
  }
  request.timeout = std::chrono::milliseconds{ms};
  return {};
}

}  // namespace

Expected<TestRequest> parse_test_request(std::string_view body) {
  const Expected<json::object> object = parse_object(body);
  if (!object) return std::unexpected(object.error());
  if (!object->contains("url")) return invalid("/url", "the URL is missing");
  TestRequest request;
  for (const auto& [key, value] : *object) {
    Expected<> taken;
    if (key == "url") {
      taken = take_url(value, request);
    } else if (key == "agents") {
      taken = take_agents(value, request);
    } else if (key == "timeout_ms") {
      taken = take_timeout(value, request);
    } else {
      taken = invalid(pointer_to(cut_text(view(key), 64)), "there is no such field");
    }
    if (!taken) return std::unexpected(taken.error());
  }
  return request;
}

}  // namespace firstbyte::collector
