#include "common/given_identity.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "common/cities.h"
#include "common/utf8.h"

namespace firstbyte {
namespace {

// "Frankfurt am Main" becomes "frankfurt-am-main"; what is not ASCII is left out.
std::string slug(std::string_view name) {
  std::string id;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      id += static_cast<char>(c + 32);
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      id += c;
    } else if (!id.empty() && id.back() != '-' && (c == ' ' || c == '-' || c == '.')) {
      id += '-';
    }
  }
  while (id.ends_with('-')) id.pop_back();
  return id;
}

}  // namespace

void declare_place(CLI::App& app, GivenIdentity& given) {
  app.add_option("--country", given.country, "ISO 3166-1 alpha-2 code, for a city not known");
  app.add_option("--region", given.region, "continent or the like, for a city not known");
  app.add_option("--latitude", given.latitude, "degrees north, for a city not known");
  app.add_option("--longitude", given.longitude, "degrees east, for a city not known");
}

Expected<AgentIdentity> complete_identity(const GivenIdentity& given) {
  AgentIdentity identity;
  const bool located = given.latitude && given.longitude && !given.country.empty();
  if (const Expected<City> city = find_city(given.city); city) {
    identity = {std::string(city->id),
                std::string(city->name),
                std::string(city->country),
                std::string(city->region),
                city->latitude,
                city->longitude,
                std::nullopt};
  } else if (!located) {
    return invalid(
        "--city", city.error().message + "; any other needs --country, --latitude and --longitude");
  } else {
    identity.id = slug(given.city);
    identity.city = given.city;
  }
  if (!given.id.empty()) identity.id = given.id;
  if (!given.country.empty()) identity.country = given.country;
  if (!given.region.empty()) identity.region = given.region;
  identity.latitude = given.latitude.value_or(identity.latitude);
  identity.longitude = given.longitude.value_or(identity.longitude);
  identity.asn = given.asn;
  if (!is_agent_id(identity.id)) {
    return invalid("--id",
                   fmt::format("\"{}\" is not 1 to 64 of a-z, 0-9, '-', '_' and '.'", identity.id));
  }
  for (const auto& [flag, name] :
       {std::pair("--city", identity.city), std::pair("--region", identity.region)}) {
    if (name.size() > 64) return invalid(flag, "the name is longer than 64 bytes");
    if (!is_printable_utf8(name)) return invalid(flag, "the name is not printable UTF-8");
  }
  if (identity.country.size() != 2 || identity.country[0] < 'A' || identity.country[0] > 'Z' ||
      identity.country[1] < 'A' || identity.country[1] > 'Z') {
    return invalid("--country", fmt::format("{} is not two capital letters", identity.country));
  }
  if (!(identity.latitude >= -90 && identity.latitude <= 90)) {
    return invalid("--latitude", "a latitude lies between -90 and 90 degrees");
  }
  if (!(identity.longitude >= -180 && identity.longitude <= 180)) {
    return invalid("--longitude", "a longitude lies between -180 and 180 degrees");
  }
  return identity;
}

}  // namespace firstbyte
