#include "common/cities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

namespace firstbyte {
namespace {

// In the order in which the page shows them. Coordinates: city centres, rounded to 0.01 degree.
constexpr std::array kCities{
    City{"new-york", "New York", "US", "North America", 40.71, -74.01},
    City{"los-angeles", "Los Angeles", "US", "North America", 34.05, -118.24},
    City{"amsterdam", "Amsterdam", "NL", "Europe", 52.37, 4.90},
    City{"hangzhou", "Hangzhou", "CN", "Asia", 30.27, 120.16},
    City{"chengdu", "Chengdu", "CN", "Asia", 30.57, 104.07},
    City{"hong-kong", "Hong Kong", "HK", "Asia", 22.32, 114.17},
    City{"shenzhen", "Shenzhen", "CN", "Asia", 22.54, 114.06},
    City{"sydney", "Sydney", "AU", "Oceania", -33.87, 151.21},
    City{"wuhan", "Wuhan", "CN", "Asia", 30.59, 114.31},
    City{"frankfurt", "Frankfurt", "DE", "Europe", 50.11, 8.68},
    City{"london", "London", "GB", "Europe", 51.51, -0.13},
    City{"singapore", "Singapore", "SG", "Asia", 1.35, 103.82},
    City{"tokyo", "Tokyo", "JP", "Asia", 35.68, 139.65},
    City{"sao-paulo", "São Paulo", "BR", "South America", -23.55, -46.63},
};

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

std::span<const City> known_cities() { return kCities; }

Expected<City> find_city(std::string_view name) {
  const auto found = std::ranges::find_if(kCities, [&](const City& city) {
    return equal_ignoring_case(city.name, name) || equal_ignoring_case(city.id, name);
  });
  if (found != kCities.end()) return *found;
  std::vector<std::string_view> names;
  std::ranges::transform(kCities, std::back_inserter(names), &City::name);
  return invalid("--city",
                 fmt::format("{} is not a known city; known are {}", name, fmt::join(names, ", ")));
}

}  // namespace firstbyte
