// The description of the API against what is there.
#include <gmock/gmock.h>

#include <set>

#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using testing::IsSupersetOf;

class OpenApiTest : public ApiTest {
 protected:
  static json::value document() {
    return json::parse(fakes::read_text(fakes::golden_folder().parent_path().parent_path() /
                                        "schema/openapi.json"),
                       {}, {.max_depth = 64});
  }
};

TEST_F(OpenApiTest, EveryPathOfTheDescriptionIsThere) {
  const json::object paths = document().at("paths").as_object();
  for (const auto& [path, methods] : paths) {
    EXPECT_EQ(router_->route(std::string(path)), std::string_view(path));
  }
}

TEST_F(OpenApiTest, EveryMethodOfTheDescriptionIsAnswered) {
  const json::object paths = document().at("paths").as_object();
  for (const auto& [path, methods] : paths) {
    for (const auto& [method, operation] : methods.as_object()) {
      std::string upper;
      for (const char c : std::string_view(method)) upper += static_cast<char>(std::toupper(c));
      const HttpReply reply = ask(upper, std::string(path));
      const auto* response = std::get_if<HttpResponse>(&reply);
      EXPECT_TRUE(response == nullptr || response->status != 405) << upper << " " << path;
    }
  }
}

// The names of a schema's required members, and those of an object, agree.
void expect_members(const json::value& schema, const json::value& object) {
  std::set<std::string> described;
  if (const json::value* required = schema.as_object().if_contains("required")) {
    for (const json::value& name : required->as_array()) described.emplace(name.as_string());
  }
  std::set<std::string> sent;
  for (const auto& [name, value] : object.as_object()) sent.emplace(name);
  EXPECT_THAT(sent, IsSupersetOf(described));
  for (const std::string& name : sent) {
    EXPECT_TRUE(schema.at("properties").as_object().contains(name)) << name << " is not described";
  }
}

TEST_F(OpenApiTest, DescribesEveryMemberOfTheGoldens) {
  const json::value schemas = document().at("components").at("schemas");
  const auto golden = [](const char* name) {
    return json::parse(fakes::read_text(fakes::golden_folder() / "api" / name), {},
                       {.max_depth = 32});
  };
  expect_members(schemas.at("Problem"), golden("problem.json"));
  const json::value result = golden("test.json").at("cities").at(0).at("result");
  expect_members(schemas.at("CityResult"), result);
  expect_members(schemas.at("Agent"), result.at("agent"));
  expect_members(schemas.at("Timings"), result.at("timings"));
  expect_members(schemas.at("SelfCheck"), result.at("self_check"));
  const json::value test = golden("test-samples.json");
  expect_members(schemas.at("Test"), test);
  expect_members(schemas.at("Target"), test.at("target"));
  expect_members(schemas.at("Expectations"), test.at("target").at("expect"));
  const json::value sampled = test.at("cities").at(0).at("result");
  expect_members(schemas.at("Failure"), sampled.at("failure"));
  expect_members(schemas.at("Exchange"), sampled.at("samples").at(0));
  expect_members(schemas.at("Exchange"), sampled.at("samples").at(0).at("redirects").at(0));
  expect_members(schemas.at("CityResult"),
                 golden("test-finished.json").at("cities").at(3).at("late"));
  const json::value agent = golden("agents.json").at("agents").at(0);
  expect_members(schemas.at("AgentStatus"), agent);
  expect_members(schemas.at("Spool"), agent.at("spool"));
  expect_members(schemas.at("Gap"), agent.at("gaps").at(0));
  expect_members(schemas.at("ClockStep"), agent.at("clock_steps").at(0));
  const json::value target = golden("targets.json").at("targets").at(0);
  expect_members(schemas.at("TargetStatus"), target);
  const json::value city = target.at("cities").at(0);
  expect_members(schemas.at("CheckedCity"), city);
  expect_members(schemas.at("SlotCounts"), city.at("slots"));
  expect_members(schemas.at("LastResult"), city.at("last"));
  const json::value history = golden("history.json");
  expect_members(schemas.at("History"), history);
  expect_members(schemas.at("PastTest"), history.at("tests").at(0));
  const json::value edges = golden("edges.json");
  expect_members(schemas.at("EdgeCatalogue"), edges);
  expect_members(schemas.at("EdgeRule"), edges.at("rules").at(0));
  expect_members(schemas.at("EdgeEntry"), edges.at("edges").at(0));
  expect_members(schemas.at("EdgeLocation"), result.at("edge_location"));
  const json::value comparison = golden("comparison.json");
  expect_members(schemas.at("Comparison"), comparison);
  expect_members(schemas.at("ComparedTest"), comparison.at("before"));
  expect_members(schemas.at("ComparedCity"), comparison.at("cities").at(0));
}

TEST_F(OpenApiTest, NamesEveryReasonOfAGap) {
  json::array reasons;
  for (int i = 0; i <= static_cast<int>(GapReason::kUnreported); ++i) {
    reasons.push_back(json::string(to_string(static_cast<GapReason>(i))));
  }
  const json::value gap = document().at("components").at("schemas").at("Gap");
  EXPECT_EQ(gap.at("properties").at("reason").at("enum"), reasons);
}

// Regression: causes that had come later were missing from the description.
TEST_F(OpenApiTest, NamesEveryCauseAndNoOther) {
  json::array causes;
  for (int i = 0; i <= static_cast<int>(kLastCause); ++i) {
    causes.push_back(json::string(to_string(static_cast<Cause>(i))));
  }
  const json::value failure = document().at("components").at("schemas").at("Failure");
  EXPECT_EQ(failure.at("properties").at("cause").at("enum"), causes);
}

TEST_F(OpenApiTest, NamesEveryPartThatARuleCanTake) {
  json::array takes;
  for (const EdgeTake& take : edge_takes()) takes.push_back(json::string(take.name));
  takes.push_back(nullptr);
  const json::value rule = document().at("components").at("schemas").at("EdgeRule");
  EXPECT_EQ(rule.at("properties").at("take").at("enum"), takes);
}

TEST_F(OpenApiTest, APostedTestHasTheMembersOfATargetAndAgents) {
  const json::value description = document();
  const json::object& posted = description
                                   .at_pointer(
                                       "/paths/~1api~1v1~1tests/post/requestBody"
                                       "/content/application~1json/schema/properties")
                                   .as_object();
  json::object target = description.at_pointer("/components/schemas/Target/properties").as_object();
  EXPECT_TRUE(posted.contains("agents"));
  target["agents"] = posted.at("agents");
  EXPECT_EQ(posted, target);
}

}  // namespace
}  // namespace firstbyte::collector