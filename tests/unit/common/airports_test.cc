#include "common/airports.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "common/utf8.h"

namespace firstbyte {
namespace {

std::string_view city_of(std::string_view edge) {
  const Airport* airport = airport_of(edge);
  return airport == nullptr ? std::string_view{} : airport->city;
}

TEST(Airports, AreSortedByCodesOfWhichEachIsThereOnce) {
  const auto out_of_order =
      std::ranges::adjacent_find(known_airports(), std::ranges::greater_equal{}, &Airport::code);
  EXPECT_EQ(out_of_order, known_airports().end());
  EXPECT_GT(known_airports().size(), 200U);
}

TEST(Airports, HaveACityACountryAndAPlaceOnEarth) {
  for (const Airport& airport : known_airports()) {
    EXPECT_EQ(airport.code.size(), 3U);
    EXPECT_FALSE(airport.city.empty()) << airport.code;
    EXPECT_TRUE(is_printable_utf8(airport.city)) << airport.code;
    EXPECT_EQ(airport.country.size(), 2U) << airport.code;
    EXPECT_LE(std::abs(airport.latitude), 90) << airport.code;
    EXPECT_LE(std::abs(airport.longitude), 180) << airport.code;
  }
}

TEST(Airports, OfOneCityAgreeWhereItIs) {
  for (const Airport& a : known_airports()) {
    for (const Airport& b : known_airports()) {
      if (a.city != b.city || a.country != b.country) continue;
      EXPECT_EQ(a.latitude, b.latitude) << a.code << " " << b.code;
      EXPECT_EQ(a.longitude, b.longitude) << a.code << " " << b.code;
    }
  }
}

TEST(Airports, AreFoundByTheFormsInWhichVendorsWriteThem) {
  EXPECT_EQ(city_of("FRA"), "Frankfurt");
  EXPECT_EQ(city_of("fra"), "Frankfurt");
  EXPECT_EQ(city_of("fra1"), "Frankfurt");
  EXPECT_EQ(city_of("JFK52-P2"), "New York");
  EXPECT_EQ(city_of("ARN-1"), "Stockholm");
}

TEST(Airports, AreNotFoundInWordsThatBeginLikeTheirCodes) {
  for (const char* name :
       {"", "F", "FR", "frankfurtDE", "FRAB", "1FRA", "F-RA", "XXX", "XXX1", "\xc3\x84RN"}) {
    EXPECT_EQ(airport_of(name), nullptr) << name;
  }
}

}  // namespace
}  // namespace firstbyte
