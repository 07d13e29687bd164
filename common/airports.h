// Where CDNs' edges stand that are called after airports: common/airports.csv, in the program
// itself.
#pragma once

#include <span>
#include <string_view>

namespace firstbyte {

struct Airport {
  std::string_view code;  // IATA, three capital letters
  std::string_view city;  // of the metropolitan area, in English
  std::string_view country;
  double latitude;
  double longitude;
};

// By code, in alphabetical order.
std::span<const Airport> known_airports();

// The one whose code an edge's name is, or begins with before something that is no letter: "FRA",
// "JFK52-P2", "fra1", but not "frankfurtDE". Null when there is none.
const Airport* airport_of(std::string_view edge);

}  // namespace firstbyte
