#include "cli/city_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firstbyte::cli {
namespace {

using testing::ElementsAre;
using Names = std::vector<std::string>;

const std::vector<KnownAgent>& known_agents() {
  static const std::vector<KnownAgent> kAgents{{"new-york", "New York"},
                                               {"sao-paulo", "São Paulo"},
                                               {"tokyo", "Tokyo"},
                                               {"tokyo-2", "Tokyo"}};
  return kAgents;
}

std::string refused_city(const Names& wanted) {
  const auto chosen = choose_agents(wanted, known_agents());
  return chosen ? "chosen" : chosen.error().field + ": " + chosen.error().message;
}

TEST(CityChoice, TakesNamesAndIdsInAnyCase) {
  EXPECT_THAT(*choose_agents({"new york", "SAO-PAULO"}, known_agents()),
              ElementsAre("new-york", "sao-paulo"));
  EXPECT_THAT(*choose_agents({"New_York", "São Paulo"}, known_agents()),
              ElementsAre("new-york", "sao-paulo"));
}

TEST(CityChoice, TakesAllAgentsOfACityOnce) {
  EXPECT_THAT(*choose_agents({"tokyo", "Tokyo", "tokyo-2"}, known_agents()),
              ElementsAre("tokyo", "tokyo-2"));
}

TEST(CityChoice, TellsTheClosestOfAnUnknownOne) {
  EXPECT_EQ(refused_city({"tokyo", "Tokio"}),
            "--from: no agent stands in Tokio; closest is Tokyo (`firstbyte agents` lists them)");
  EXPECT_EQ(refused_city({"new"}),
            "--from: no agent stands in new; closest is New York (`firstbyte agents` lists them)");
}

TEST(CityChoice, RefusesAnEmptyName) {
  EXPECT_EQ(refused_city({""}), "--from: a city has no name");
  EXPECT_EQ(refused_city({std::string(101, 'x')}), "--from: no city has a name this long");
}

TEST(CityChoice, SaysWhenThereIsNobodyToChooseFrom) {
  EXPECT_EQ(choose_agents({"Tokyo"}, {}).error().message, "this collector knows no agent yet");
}

}  // namespace
}  // namespace firstbyte::cli
