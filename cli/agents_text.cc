#include "cli/agents_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/printable.h"
#include "common/text_table.h"

namespace firstbyte::cli {
namespace {

// "-0.2 ms (right to 0.2)": how far it is ahead of the collector's.
std::string clock_text(const AgentView& agent) {
  if (!agent.clock_offset || !agent.clock_error) return "-";
  return fmt::format("{:+.1f} ms (right to {:.1f})",
                     static_cast<double>(agent.clock_offset->count()) / 1e3,
                     static_cast<double>(agent.clock_error->count()) / 1e3);
}

}  // namespace

std::string agents_text(const std::vector<AgentView>& agents, const TextStyle& style) {
  if (agents.empty()) return "this collector knows no agent yet\n";
  std::vector<std::vector<std::string>> rows{
      {"CITY", "ID", "VERSION", "SPEAKS", "LAST SEEN", "CLOCK", "LOST", "STATE"}};
  for (const AgentView& agent : agents) {
    const bool connected = agent.state == "connected";
    rows.push_back(
        {printable(agent.city), printable(agent.id), printable(agent.version),
         agent.capabilities.empty()
             ? "-"
             : printable(fmt::format("{}", fmt::join(agent.capabilities, " "))),
         agent.last_seen_at.empty() ? "-" : printable(agent.last_seen_at), clock_text(agent),
         std::to_string(agent.lost_results),
         painted(style, connected ? Colour::kGreen : Colour::kGrey, printable(agent.state))});
  }
  return text_table(rows);
}

}  // namespace firstbyte::cli
