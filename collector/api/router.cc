#include "collector/api/router.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <set>
#include <span>
#include <utility>

namespace firstbyte::collector {
namespace {

// "/a/b" has the segments "a" and "b", "/" has one empty segment, "/a/" has "a" and an empty one.
std::vector<std::string> split(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  std::vector<std::string> segments;
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

// The name in "{name}", "{name...}" or "{name}.suffix"; empty for a literal segment.
std::string_view parameter_name(std::string_view segment) {
  const std::size_t end = segment.find('}');
  if (!segment.starts_with('{') || end == std::string_view::npos) return {};
  segment = segment.substr(1, end - 1);
  if (segment.ends_with("...")) segment.remove_suffix(3);
  return segment;
}

// What stands for the parameter of this segment; absent where the suffix is another, or nothing is
// before it.
std::optional<std::string> parameter_value(std::string_view pattern, std::string_view segment) {
  const std::string_view suffix = pattern.substr(pattern.find('}') + 1);
  if (!segment.ends_with(suffix) || segment.size() == suffix.size()) return {};
  return std::string(segment.substr(0, segment.size() - suffix.size()));
}

std::string join(std::span<const std::string> segments) {
  return fmt::format("{}", fmt::join(segments, "/"));
}

std::optional<std::map<std::string, std::string>> match(std::span<const std::string> pattern,
                                                        std::span<const std::string> path,
                                                        bool takes_rest) {
  if (takes_rest ? path.size() < pattern.size() : path.size() != pattern.size()) return {};
  std::map<std::string, std::string> parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view name = parameter_name(pattern[i]);
    if (name.empty()) {
      if (pattern[i] != path[i]) return {};
    } else if (takes_rest && i + 1 == pattern.size()) {
      parameters.emplace(name, join(path.subspan(i)));
    } else {
      std::optional<std::string> value = parameter_value(pattern[i], path[i]);
      if (!value) return {};
      parameters.emplace(name, *std::move(value));
    }
  }
  return parameters;
}

HttpReply method_not_allowed(const HttpRequest& request, const std::set<std::string>& allowed) {
  const std::string allow = fmt::format("{}", fmt::join(allowed, ", "));
  HttpResponse response =
      problem(405, "method-not-allowed", "The method is not allowed here",
              fmt::format("{} answers {}, not {}", request.path, allow, request.method));
  response.headers.emplace_back("Allow", allow);
  return response;
}

HttpReply internal_error() {
  return problem(500, "internal", "The collector failed to answer",
                 "something went wrong in the collector; its log says what");
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, HttpHandler handler) {
  routes_.push_back({.method = std::move(method),
                     .pattern = std::string(pattern),
                     .segments = split(pattern),
                     .takes_rest = pattern.ends_with("...}"),
                     .handler = std::move(handler)});
}

std::vector<Router::Match> Router::matches(std::string_view path) const {
  const std::vector<std::string> segments = split(path);
  std::vector<Match> found;
  for (const bool takes_rest : {false, true}) {
    for (const Route& route : routes_) {
      if (route.takes_rest != takes_rest) continue;
      auto parameters = match(route.segments, segments, takes_rest);
      if (parameters) found.push_back({&route, std::move(*parameters)});
    }
    if (!found.empty()) break;
  }
  return found;
}

std::string_view Router::route(std::string_view path) const {
  const std::vector<Match> found = matches(path);
  return found.empty() ? kNoRoute : std::string_view(found.front().route->pattern);
}

HttpReply Router::dispatch(HttpRequest request) const {
  try {
    return answer(request);
  } catch (const std::exception& error) {
    spdlog::error("{} {} for {} failed: {}", request.method, route(request.path),
                  to_string(request.client), error.what());
  } catch (...) {
    spdlog::error("{} {} for {} failed with an unknown exception", request.method,
                  route(request.path), to_string(request.client));
  }
  return internal_error();
}

HttpReply Router::answer(HttpRequest& request) const {
  const std::string_view method =
      request.method == "HEAD" ? "GET" : std::string_view(request.method);
  std::set<std::string> allowed;
  for (Match& candidate : matches(request.path)) {
    const Route& route = *candidate.route;
    if (route.method == method) {
      request.path_parameters = std::move(candidate.parameters);
      return route.handler(request);
    }
    // What a catch-all would find is its own affair, so it does not promise that something is
    // there.
    if (!route.takes_rest) allowed.insert(route.method);
  }
  if (allowed.empty()) return not_found(request.path);
  if (allowed.contains("GET")) allowed.insert("HEAD");
  return method_not_allowed(request, allowed);
}

}  // namespace firstbyte::collector
