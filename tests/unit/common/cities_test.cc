#include "common/cities.h"

#include <gtest/gtest.h>

#include <set>

namespace firstbyte {
namespace {

TEST(Cities, AreTheFourteenOfTheStory) { EXPECT_EQ(known_cities().size(), 14U); }

TEST(Cities, AreFoundByTheirNames) {
  for (const City& city : known_cities()) EXPECT_EQ(find_city(city.name)->id, city.id);
}

TEST(Cities, AreFoundByTheirIds) {
  for (const City& city : known_cities()) EXPECT_EQ(find_city(city.id)->name, city.name);
}

TEST(Cities, AreFoundWhateverTheCase) {
  EXPECT_EQ(find_city("NEW york")->id, "new-york");
  EXPECT_EQ(find_city("Hong-KONG")->id, "hong-kong");
}

TEST(Cities, HaveIdsOfTheirOwn) {
  std::set<std::string_view> ids;
  for (const City& city : known_cities()) EXPECT_TRUE(ids.insert(city.id).second) << city.id;
}

TEST(Cities, StandOnTheGlobe) {
  for (const City& city : known_cities()) {
    EXPECT_EQ(city.country.size(), 2U) << city.id;
    EXPECT_LE(std::abs(city.latitude), 90) << city.id;
    EXPECT_LE(std::abs(city.longitude), 180) << city.id;
  }
}

TEST(Cities, NotKnownAreRefusedWithTheNamesThatAre) {
  const auto city = find_city("Atlantis");
  ASSERT_FALSE(city);
  EXPECT_EQ(city.error().field, "--city");
  EXPECT_EQ(city.error().message.find("Atlantis is not a known city; known are New York, "), 0U);
  EXPECT_NE(city.error().message.find("São Paulo"), std::string::npos);
}

TEST(Cities, AreNotFoundByAPart) {
  EXPECT_FALSE(find_city("New"));
  EXPECT_FALSE(find_city(""));
  EXPECT_FALSE(find_city("new-york "));
}

}  // namespace
}  // namespace firstbyte
