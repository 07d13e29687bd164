#include "collector/api/edges_json.h"

#include <boost/json.hpp>

#include "common/measurement_json.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(json_text(text));
}

json::object rule_object(const EdgeRule& rule) {
  return {{"header", json_text(rule.header)},
          {"take", text_or_null(rule.take)},
          {"pattern", text_or_null(rule.pattern)},
          {"location", rule.airport ? json::value("airport") : json::value(nullptr)},
          {"builtin", rule.builtin}};
}

json::object edge_object(const KnownEdge& edge) {
  json::object object{{"id", json_text(edge.id)}};
  put_location(object, edge.location);
  return object;
}

}  // namespace

std::string edges_json(const EdgeRules& edges) {
  json::array rules;
  for (const EdgeRule& rule : edges.rules()) rules.push_back(rule_object(rule));
  json::array known;
  for (const KnownEdge& edge : edges.edges()) known.push_back(edge_object(edge));
  return json::serialize(json::object{{"rules", std::move(rules)}, {"edges", std::move(known)}});
}

}  // namespace firstbyte::collector
