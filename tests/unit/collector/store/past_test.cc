// The tests of one URL, as the store lists them.
#include <gmock/gmock.h>

#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PastTestsTest : public StoreTest {
 protected:
  void create_at(std::string id, WallTime created, std::vector<AgentIdentity> agents = {kNewYork}) {
    auto test = test_with(std::move(id), agents);
    test.created_at = created;
    ASSERT_TRUE(create(*store_, test));
  }
  std::vector<std::string> ids(const std::string& before = "", int most = 10) {
    std::vector<std::string> ids;
    const auto tests = store_->past_tests(kUrl, before, most);
    for (const PastTest& test : tests.value()) ids.push_back(test.id);
    return ids;
  }

  const std::string kUrl = test_with("", {}).target.url;
};

TEST_F(PastTestsTest, TheNewestIsFirst) {
  create_at("b", at(2'000));
  create_at("a", at(1'000));
  create_at("c", at(3'000));
  EXPECT_THAT(ids(), ElementsAre("c", "b", "a"));
  EXPECT_THAT(ids("", 2), ElementsAre("c", "b"));
}

TEST_F(PastTestsTest, GoOnWhereAListEnded) {
  for (const char* id : {"a", "b", "c", "d"}) create_at(id, at(1'000));  // all at once
  EXPECT_THAT(ids("", 2), ElementsAre("d", "c"));
  EXPECT_THAT(ids("c", 2), ElementsAre("b", "a"));
  EXPECT_THAT(ids("a", 2), IsEmpty());
}

TEST_F(PastTestsTest, AreOfThisUrlAlone) {
  create_at("a", at(1'000));
  EXPECT_THAT(store_->past_tests(kUrl + "x", "", 10).value(), IsEmpty());
}

TEST_F(PastTestsTest, SayHowEachCityEnded) {
  create_at("t1", at(1'000), {kNewYork, kSaoPaulo});
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, finished("t1")}})));
  const PastTest test = store_->past_tests(kUrl, "", 1).value().front();
  EXPECT_EQ(test.target, test_with("", {}).target);
  EXPECT_EQ(test.created_at, at(1'000));
  const ReceivedMeasurement answer = finished("t1");
  EXPECT_THAT(test.cities, ElementsAre(PastCity{CityState::kFinished, rate(answer.measurement),
                                                answer.measurement.timings.ttfb()},
                                       PastCity{}));
}

TEST_F(PastTestsTest, ACityWithoutAnAnswerHasNoTime) {
  create_at("t1", at(1'000), {kNewYork, kSaoPaulo});
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{1, failed("t1")}})));
  ASSERT_TRUE(settle(*store_, {"t1", kSaoPaulo.id, CityState::kOffline, Micros{0}}));
  const PastTest test = store_->past_tests(kUrl, "", 1).value().front();
  EXPECT_THAT(test.cities, ElementsAre(PastCity{CityState::kFailed, Rating::kFailed, {}},
                                       PastCity{CityState::kOffline, {}, {}}));
}

}  // namespace
}  // namespace firstbyte::collector::store_test
