#include "cli/city_choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <set>

namespace firstbyte::cli {
namespace {

// So many names are told; whoever needs more asks `firstbyte agents`.
constexpr std::size_t kTold = 3;

std::string comparable(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](char c) {
    if (c == ' ' || c == '_') return '-';
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

// Levenshtein's: how many characters have to be put in, left out or replaced.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

bool is_meant(const KnownAgent& agent, const std::string& name) {
  return comparable(agent.city) == name || comparable(agent.id) == name;
}

// How far the better of its names is; one that begins as it was typed is close.
std::size_t distance_to(const KnownAgent& agent, const std::string& name) {
  const auto of = [&](std::string_view its) {
    const std::string text = comparable(its);
    return text.starts_with(name) ? std::size_t{1} : distance(name, text);
  };
  return std::min(of(agent.city), of(agent.id));
}

std::string closest(const std::string& name, const std::vector<KnownAgent>& known) {
  // Cities in the order of how far they are, each once.
  std::set<std::pair<std::size_t, std::string>> near;
  for (const KnownAgent& agent : known) near.emplace(distance_to(agent, name), agent.city);
  std::vector<std::string> told;
  const std::size_t most = near.empty() ? 0 : std::max<std::size_t>(2, near.begin()->first);
  for (const auto& [far, city] : near) {
    if (far > most || told.size() == kTold) break;
    if (std::ranges::find(told, city) == told.end()) told.push_back(city);
  }
  return fmt::format("{}", fmt::join(told, ", "));
}

}  // namespace

Expected<std::vector<std::string>> choose_agents(const std::vector<std::string>& wanted,
                                                 const std::vector<KnownAgent>& known) {
  constexpr std::size_t kLongest = 100;
  std::vector<std::string> ids;
  for (const std::string& typed : wanted) {
    const std::string name = comparable(typed);
    if (name.empty()) return invalid("--from", "a city has no name");
    if (name.size() > kLongest) return invalid("--from", "no city has a name this long");
    bool found = false;
    for (const KnownAgent& agent : known) {
      if (!is_meant(agent, name)) continue;
      found = true;
      if (std::ranges::find(ids, agent.id) == ids.end()) ids.push_back(agent.id);
    }
    if (found) continue;
    if (known.empty()) return invalid("--from", "this collector knows no agent yet");
    return invalid("--from", fmt::format("no agent stands in {}; closest is {} (`firstbyte agents` "
                                         "lists them)",
                                         typed, closest(name, known)));
  }
  return ids;
}

}  // namespace firstbyte::cli
