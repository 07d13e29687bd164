// A part of a YAML document as JSON, so that options have one vocabulary and one set of rules.
#pragma once

#include <yaml-cpp/node/node.h>

#include <boost/json/value.hpp>
#include <string_view>

namespace firstbyte::collector {

// What is not quoted is null, a boolean or a whole number if it looks like one, else text. What is
// nested deeper than targets are is null.
boost::json::value json_of(const YAML::Node& node, int depth = 0);

// The node that a JSON pointer leads to, or the last on the way that is there.
YAML::Node find_node(const YAML::Node& root, std::string_view pointer);

}  // namespace firstbyte::collector
