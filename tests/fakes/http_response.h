// What tests look at in the API's answers.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "collector/api/http.h"

namespace firstbyte::fakes {

// Empty when it is not there.
inline std::string header(const collector::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

// Of a problem: the sentence for whoever asked.
inline std::string detail(const collector::HttpResponse& problem) {
  return std::string(boost::json::parse(problem.body).at("detail").as_string());
}

}  // namespace firstbyte::fakes
