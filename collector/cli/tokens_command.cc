#include "collector/cli/tokens_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "collector/access/api_tokens.h"
#include "collector/cli/subcommand.h"
#include "collector/lifetime.h"
#include "common/command_line.h"
#include "common/text_table.h"

namespace firstbyte::collector {
namespace {

struct TokenFlags {
  std::string data_dir;
  std::string name;
  std::vector<std::string> scopes;
  std::string expires;
  std::string id;
};

Expected<std::string> create(ApiTokens& tokens, const TokenFlags& flags) {
  Scopes scopes;
  for (const std::string& name : flags.scopes) {
    const auto scope = scope_from_string(name);
    if (!scope) {
      return invalid("--scope", fmt::format("{} is not one of read, tests:run, admin", name));
    }
    scopes.add(*scope);
  }
  std::optional<WallTime> expires_at;
  if (!flags.expires.empty()) {
    const auto lifetime = parse_lifetime(flags.expires, "--expires");
    if (!lifetime) return std::unexpected(lifetime.error());
    expires_at = system_clock().wall() + *lifetime;
  }
  const auto created = tokens.create(flags.name, scopes, expires_at);
  if (!created) return std::unexpected(created.error());
  return created->token + "\n";
}

std::string state_of(const ApiToken& token) {
  if (token.revoked_at) return "revoked";
  if (token.expires_at && *token.expires_at <= system_clock().wall()) return "expired";
  return "valid";
}

Expected<std::string> list(ApiTokens& tokens) {
  const auto all = tokens.list();
  if (!all) return std::unexpected(all.error());
  const auto time = [](const std::optional<WallTime>& at) {
    return at ? format_rfc3339(*at, false) : "never";
  };
  std::vector<std::vector<std::string>> rows{
      {"ID", "NAME", "SCOPES", "STATE", "CREATED", "EXPIRES", "LAST USED"}};
  for (const ApiToken& token : *all) {
    rows.push_back({token.id, token.name, to_string(token.scopes), state_of(token),
                    time(token.created_at), time(token.expires_at), time(token.last_used_at)});
  }
  return text_table(rows);
}

Expected<std::string> revoke(ApiTokens& tokens, const std::string& id) {
  if (const auto revoked = tokens.revoke(id); !revoked) return std::unexpected(revoked.error());
  return std::string();
}

Expected<Printed> tokens_command(int argc, const char* const* argv) {
  CLI::App app{"API tokens: who may do what over HTTP.", "firstbyte-collector tokens"};
  app.require_subcommand(1);
  TokenFlags flags;
  const CLI::App* creates = add_subcommand(
      app, "create", "make a token and print it; it is shown only this once", flags.data_dir);
  const CLI::App* lists =
      add_subcommand(app, "list", "all tokens, without their secrets", flags.data_dir);
  CLI::App* revokes =
      add_subcommand(app, "revoke", "from now on the token opens nothing", flags.data_dir);
  {
    CLI::App* command = app.get_subcommand("create");
    command->add_option("--name", flags.name, "what it is for")->required();
    command
        ->add_option("--scope", flags.scopes,
                     "read, tests:run (and read) or admin (everything); repeatable")
        ->required()
        ->expected(1)
        ->take_all();
    command->add_option("--expires", flags.expires, "after this time (default: never)")
        ->type_name("45s|10m|1h|90d");
  }
  revokes->add_option("ID", flags.id, "as `tokens list` shows it")->required();

  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  const auto database = AccessDatabase::attach(flags.data_dir);
  if (!database) return std::unexpected(database.error());
  ApiTokens tokens(**database, system_clock());
  const auto said = creates->parsed() ? create(tokens, flags)
                    : lists->parsed() ? list(tokens)
                                      : revoke(tokens, flags.id);
  if (!said) return std::unexpected(said.error());
  return Printed{*said};
}

}  // namespace

int run_tokens_command(int argc, const char* const* argv) {
  return end_command("firstbyte-collector tokens", tokens_command(argc, argv));
}

}  // namespace firstbyte::collector
