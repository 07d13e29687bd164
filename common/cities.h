// The cities an agent can name without spelling out where they are.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/error.h"
#include "common/measurement.h"

namespace firstbyte {

struct City {
  std::string_view id;  // "sao-paulo"
  std::string_view name;
  std::string_view country;  // ISO 3166-1 alpha-2
  std::string_view region;
  double latitude;   // degrees north
  double longitude;  // degrees east
};

std::span<const City> known_cities();

// By name ("São Paulo") or id ("sao-paulo"); ASCII case does not matter. The Error names "--city".
Expected<City> find_city(std::string_view name);

}  // namespace firstbyte
