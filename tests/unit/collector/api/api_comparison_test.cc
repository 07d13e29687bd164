// Two tests side by side, as the API tells it.
#include <gmock/gmock.h>

#include "collector/api/comparison_json.h"
#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;

class ApiComparisonTest : public ApiTest {
 protected:
  HttpResponse compare(std::map<std::string, std::string> query) {
    return std::get<HttpResponse>(ask_with("/api/v1/comparisons", std::move(query)));
  }
  // The problem's sentence, with the parameter that it names before it.
  std::string refusal(std::map<std::string, std::string> query, unsigned status) {
    const HttpResponse response = compare(std::move(query));
    EXPECT_EQ(response.status, status);
    const json::value problem = json::parse(response.body);
    return std::string(problem.at("field").as_string()) + ": " + problem_of(response);
  }

  const std::string before_ = examples::finished_test().id;
  const std::string after_ = examples::test_after_a_cut().id;
};

TEST(ComparisonJson, LooksLikeItsGolden) {
  fakes::expect_json_golden("api/comparison.json",
                            comparison_json(examples::finished_test(), examples::test_after_a_cut(),
                                            examples::edge_rules()));
}

TEST_F(ApiComparisonTest, AnyTwoTestsAreCompared) {
  store_.put(examples::finished_test());
  store_.put(examples::test_after_a_cut());
  const HttpResponse response = compare({{"before", before_}, {"after", after_}});
  EXPECT_EQ(response.status, 200U);
  const json::value comparison = json::parse(response.body);
  EXPECT_EQ(comparison.at("before").at("id"), before_.c_str());
  EXPECT_EQ(comparison.at("after").at("id"), after_.c_str());
  EXPECT_EQ(comparison.at("summary").at("moved"), 1);
}

TEST_F(ApiComparisonTest, ATestComparedWithItselfHasNotChanged) {
  store_.put(examples::finished_test());
  const json::value comparison =
      json::parse(compare({{"before", before_}, {"after", before_}}).body);
  EXPECT_EQ(comparison.at("summary").at("moved"), 0);
  EXPECT_EQ(comparison.at("same_target"), true);
}

TEST_F(ApiComparisonTest, BothTestsHaveToBeNamed) {
  EXPECT_EQ(refusal({{"after", after_}}, 400), "before: say with before=ID which test is meant");
  store_.put(examples::finished_test());
  EXPECT_EQ(refusal({{"before", before_}, {"after", ""}}, 400),
            "after: say with after=ID which test is meant");
}

TEST_F(ApiComparisonTest, ATestThatIsNotThereIsNamed) {
  store_.put(examples::finished_test());
  EXPECT_EQ(refusal({{"before", before_}, {"after", after_}}, 404),
            "after: no test is called \"" + after_ + "\"");
  EXPECT_EQ(refusal({{"before", "<b>"}, {"after", before_}}, 404),
            "before: no test is called \"<b>\"");
}

TEST_F(ApiComparisonTest, ThePageIsThereForTestsThatAre) {
  store_.put(examples::finished_test());
  EXPECT_EQ(get("/compare/" + before_ + "/" + before_).status, 200U);
  EXPECT_EQ(get("/compare/" + before_ + "/" + after_).status, 404U);
  EXPECT_EQ(get("/compare/" + after_ + "/" + before_).status, 404U);
}

TEST_F(ApiComparisonTest, AStoreThatCannotBeReadIsAProblem) {
  store_.break_reads();
  EXPECT_EQ(compare({{"before", before_}, {"after", after_}}).status, 503U);
}

}  // namespace
}  // namespace firstbyte::collector
