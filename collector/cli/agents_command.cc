#include "collector/cli/agents_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "collector/access/agent_access.h"
#include "collector/cli/subcommand.h"
#include "collector/lifetime.h"
#include "common/command_line.h"
#include "common/endpoint.h"
#include "common/given_identity.h"
#include "common/text_table.h"

namespace firstbyte::collector {
namespace {

// What says that an agent is connected is written at least three times as often.
constexpr std::chrono::seconds kPresence{60};

struct AgentFlags {
  std::string data_dir;
  GivenIdentity given;
  std::string expires = "1h";
  bool replace = false;
  std::string collector;
  std::string agent_data_dir = "/var/lib/firstbyte-agent";
  std::string id;
};

CLI::App* add_enroll(CLI::App& app, AgentFlags& flags) {
  CLI::App* command = add_subcommand(
      app, "enroll", "print the command that makes a machine an agent, good once", flags.data_dir);
  GivenIdentity& given = flags.given;
  command->add_option("--city", given.city, "where the agent stands")
      ->type_name("NAME")
      ->required();
  command->add_option("--id", given.id, "unique name of the agent (default: made from the city)");
  declare_place(*command, given);
  command->add_option("--expires", flags.expires, "the command has to be run within this time")
      ->type_name("45s|10m|1h|90d")
      ->capture_default_str();
  command->add_flag("--replace", flags.replace,
                    "in the place of the agent that has this id, or was revoked");
  command
      ->add_option("--collector", flags.collector,
                   "how the agent reaches the collector\n"
                   "(default: by its first --grpc-name)")
      ->type_name("HOST:PORT");
  command->add_option("--agent-data-dir", flags.agent_data_dir, "the agent's folder, there")
      ->type_name("DIR")
      ->capture_default_str();
  return command;
}

// As a shell reads one word.
std::string quoted(const std::string& word) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:[]";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

Expected<std::string> enroll(AccessDatabase& database, AgentAccess& access,
                             const AgentFlags& flags) {
  const auto identity = complete_identity(flags.given);
  if (!identity) return std::unexpected(identity.error());
  const auto lifetime = parse_lifetime(flags.expires, "--expires");
  if (!lifetime) return std::unexpected(lifetime.error());
  if (!flags.collector.empty() && !is_host_port(flags.collector)) {
    return invalid("--collector", fmt::format("{} is not HOST:PORT", flags.collector));
  }
  const auto dial = database.setting("agents_dial");
  const auto fingerprint = database.setting("ca_fingerprint");
  if (!dial) return std::unexpected(dial.error());
  if (!fingerprint) return std::unexpected(fingerprint.error());
  if (!*dial || !*fingerprint) {
    return fatal("this collector has not run with TLS yet; start it without --insecure once",
                 "--data-dir");
  }
  const auto token = access.enroll(*identity, *lifetime, flags.replace);
  if (!token) return std::unexpected(token.error());
  // Every shell has an echo of its own, so that no other user of that machine sees the token go by.
  return fmt::format(
      "echo {} | firstbyte-agent join --collector {} --token - --ca-fingerprint {} --data-dir {}\n",
      token->token, quoted(flags.collector.empty() ? **dial : flags.collector), **fingerprint,
      quoted(flags.agent_data_dir));
}

std::string state_of(const EnrolledAgent& agent, WallTime now) {
  if (agent.revoked_at) return "revoked";
  if (agent.certificate_expires_at && *agent.certificate_expires_at <= now) return "expired";
  const bool lately = agent.last_seen_at && now - *agent.last_seen_at < kPresence;
  return agent.connected && lately ? "connected" : "offline";
}

Expected<std::string> list(AgentAccess& access) {
  const auto agents = access.list();
  if (!agents) return std::unexpected(agents.error());
  const WallTime now = system_clock().wall();
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? format_rfc3339(*at, false) : "never";
  };
  std::vector<std::vector<std::string>> rows{
      {"ID", "CITY", "STATE", "LAST SEEN", "CERTIFICATE", "EXPIRES", "ENROLLED"}};
  for (const EnrolledAgent& agent : *agents) {
    rows.push_back({agent.identity.id, agent.identity.city, state_of(agent, now),
                    time(agent.last_seen_at), agent.serial, time(agent.certificate_expires_at),
                    time(agent.enrolled_at)});
  }
  return text_table(rows);
}

Expected<Printed> agents_command(int argc, const char* const* argv) {
  CLI::App app{"Agents: who may connect to this collector.", "firstbyte-collector agents"};
  app.require_subcommand(1);
  AgentFlags flags;
  const CLI::App* enrolls = add_enroll(app, flags);
  add_subcommand(app, "list", "all agents, revoked ones included", flags.data_dir);
  CLI::App* revokes = add_subcommand(
      app, "revoke", "end the agent's connection at once and let it in no more", flags.data_dir);
  revokes->add_option("ID", flags.id, "as `agents list` shows it")->required();

  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  const auto database = AccessDatabase::attach(flags.data_dir);
  if (!database) return std::unexpected(database.error());
  AgentAccess access(**database, system_clock());
  if (revokes->parsed()) {
    if (auto revoked = access.revoke(flags.id); !revoked) {
      return std::unexpected(std::move(revoked.error()));
    }
    return Printed{};
  }
  const auto said = enrolls->parsed() ? enroll(**database, access, flags) : list(access);
  if (!said) return std::unexpected(said.error());
  return Printed{*said};
}

}  // namespace

int run_agents_command(int argc, const char* const* argv) {
  return end_command("firstbyte-collector agents", agents_command(argc, argv));
}

}  // namespace firstbyte::collector
