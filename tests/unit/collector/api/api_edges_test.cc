#include "collector/api/edges_json.h"
#include "collector/config/edges_file.h"
#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

using ApiEdgesTest = ApiTest;

TEST(EdgesJson, LooksLikeItsGolden) {
  const auto edges = parse_edges(R"(
rules:
  - {header: x-pop, take: after_last_dash, location: airport}
  - {header: x-cluster, pattern: 'pop=([a-z0-9]+)'}
edges:
  - {id: ny1, city: New York, country: US, latitude: 40.7128, longitude: -74.006}
  - {id: la1, city: Los Angeles, country: US, latitude: 34.0522, longitude: -118.2437}
)",
                                 "edges.yaml");
  ASSERT_TRUE(edges) << edges.error().message;
  fakes::expect_json_golden("api/edges.json", edges_json(*edges));
}

TEST_F(ApiEdgesTest, TheRulesAndTheOperatorsEdgesAreTold) {
  const HttpResponse response = get("/api/v1/edges");
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, edges_json(examples::edge_rules()));
}

TEST_F(ApiEdgesTest, AResultSaysWhereItsEdgeStandsAndByWhichRule) {
  store_.put(examples::finished_test());
  const boost::json::value test =
      boost::json::parse(get("/api/v1/tests/" + examples::finished_test().id).body);
  const boost::json::value& result = test.at("cities").at(0).at("result");
  EXPECT_EQ(result.at("edge_rule"), "x-edge-route: whole");
  EXPECT_EQ(result.at("edge_location").at("city"), "New York");
}

}  // namespace
}  // namespace firstbyte::collector
