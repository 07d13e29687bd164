// The tests of one URL, as the API lists them.
#include <gmock/gmock.h>

#include "collector/api/history_json.h"
#include "tests/fakes/collector_golden.h"
#include "tests/unit/collector/api/api_fixture.h"

namespace firstbyte::collector {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

class ApiHistoryTest : public ApiTest {
 protected:
  ApiHistoryTest() {
    store_.put(examples::finished_test());
    store_.put(examples::test_after_a_cut());
    clock_.step_wall(examples::at(200'000'000) - clock_.wall());
  }
  HttpResponse list(std::map<std::string, std::string> query) {
    return std::get<HttpResponse>(ask_with("/api/v1/tests", std::move(query)));
  }
  std::vector<std::string> ids(std::map<std::string, std::string> query) {
    query.emplace("url", kUrl);
    std::vector<std::string> ids;
    const json::value listed = json::parse(list(std::move(query)).body);
    for (const json::value& test : listed.at("tests").as_array())
      ids.emplace_back(test.at("id").as_string());
    return ids;
  }
  std::string refusal(std::map<std::string, std::string> query, unsigned status = 400) {
    const HttpResponse response = list(std::move(query));
    EXPECT_EQ(response.status, status);
    const json::value problem = json::parse(response.body);
    return std::string(problem.at("field").as_string()) + ": " + problem_of(response);
  }

  const std::string kUrl = examples::finished_test().target.url;
  const std::string older_ = examples::finished_test().id;
  const std::string newer_ = examples::test_after_a_cut().id;
};

TEST_F(ApiHistoryTest, LooksLikeItsGolden) {
  fakes::expect_json_golden("api/history.json", list({{"url", kUrl}}).body);
}

TEST_F(ApiHistoryTest, SaysWhereItGoesOn) {
  const json::value first = json::parse(list({{"url", kUrl}, {"limit", "1"}}).body);
  EXPECT_EQ(first.at("older_than"), newer_.c_str());
  EXPECT_THAT(ids({{"limit", "1"}}), ElementsAre(newer_));
  EXPECT_THAT(ids({{"older_than", newer_}}), ElementsAre(older_));
  EXPECT_THAT(ids({{"older_than", older_}}), IsEmpty());
}

TEST_F(ApiHistoryTest, OfAUrlThatWasNeverTestedThereIsNone) {
  EXPECT_EQ(list({{"url", "https://b.example/"}}).body, R"({"tests":[],"older_than":null})");
}

TEST_F(ApiHistoryTest, WithoutAUrlNothingIsListed) {
  EXPECT_EQ(refusal({}), "url: say with url=URL whose tests are to be listed");
  EXPECT_EQ(refusal({{"url", ""}}), "url: say with url=URL whose tests are to be listed");
}

TEST_F(ApiHistoryTest, ALimitThatIsNoneIsNamed) {
  for (const char* limit : {"0", "101", "-1", "", "1x", "99999999999999999999"}) {
    EXPECT_EQ(refusal({{"url", kUrl}, {"limit", limit}}),
              "limit: limit must be a number from 1 to 100");
  }
}

TEST_F(ApiHistoryTest, ATestToGoOnFromThatIsNotThereIsNamed) {
  EXPECT_EQ(refusal({{"url", kUrl}, {"older_than", "x"}}, 404),
            "older_than: no test is called \"x\"");
}

TEST_F(ApiHistoryTest, AStoreThatCannotBeReadIsAProblem) {
  store_.break_reads();
  EXPECT_EQ(list({{"url", kUrl}}).status, 503U);
}

}  // namespace
}  // namespace firstbyte::collector
