#include "collector/checks/check_plan.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/serialize.hpp>
#include <cstring>

#include "common/jitter.h"
#include "common/target_json.h"

namespace firstbyte::collector {
namespace {

// Of SHA-256 the first 64 bits: nobody gains by two that are equal, so chance is all there is to
// fear.
std::uint64_t digest(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> bytes{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = number << 8U | bytes.at(i);
  return number;
}

std::string described(const Check& check, const Target& target) {
  return fmt::format("{}\n{}\n{}\n", check.name, check.interval.count(),
                     boost::json::serialize(target_value(target)));
}

}  // namespace

bool is_meant(const AgentIdentity& agent, const ConfiguredTarget& target) {
  const auto names = [&](const std::string& city) {
    return city == agent.city || city == agent.id;
  };
  return target.cities.empty() || std::ranges::any_of(target.cities, names);
}

std::uint64_t check_id(const Check& check) {
  return digest(described(check, redacted(check.target)));
}

Micros CheckPlan::offset_of(const Check& check, const std::string& agent_id) {
  return to_micros(jitter(check.id, agent_id, check.interval));
}

Assignment CheckPlan::of(const AgentIdentity& agent) const {
  Assignment assignment;
  std::string all;
  for (const ConfiguredTarget& target : targets_) {
    if (!is_meant(agent, target)) continue;
    Check& check = assignment.checks.emplace_back(target.check);
    check.offset = offset_of(check, agent.id);
    // With the secrets, as a new one has to be told.
    all += described(check, check.target) + std::to_string(check.offset.count());
  }
  assignment.revision = digest(all);
  return assignment;
}

}  // namespace firstbyte::collector
