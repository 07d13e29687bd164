// Which handler answers which method and path.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/api/http.h"

namespace firstbyte::collector {

// Filled before the server starts, constant and so thread-safe after that.
class Router {
 public:
  // `pattern` is a path whose segments may be parameters: "/api/v1/tests/{id}/events". A parameter
  // stands for one segment that is not empty, or for what stands before a suffix: "{id}.csv"; a
  // last segment "{name...}" for the rest of the path, whatever it is, and answers only what no
  // other pattern knows. Of two that match, the first added answers.
  void add(std::string method, std::string_view pattern, HttpHandler handler);

  // Fills the request's path parameters and answers. HEAD is answered by GET's handler (the server
  // drops the body). An unknown path gets a 404 problem, a known path with another method a 405
  // problem with `Allow`; an exception in a handler becomes a 500 problem and is logged.
  HttpReply dispatch(HttpRequest request) const;

  // The pattern that would answer, for labels of metrics: bounded, whatever clients ask for.
  std::string_view route(std::string_view path) const;

  static constexpr std::string_view kNoRoute = "unmatched";

 private:
  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    bool takes_rest = false;
    HttpHandler handler;
  };
  struct Match {
    const Route* route;
    std::map<std::string, std::string> parameters;
  };

  std::vector<Match> matches(std::string_view path) const;
  HttpReply answer(HttpRequest& request) const;

  std::vector<Route> routes_;
};

}  // namespace firstbyte::collector
