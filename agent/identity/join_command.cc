#include "agent/identity/join_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <csignal>
#include <cstdio>
#include <string>
#include <string_view>

#include "agent/identity/enrollment.h"
#include "agent/identity/identity_store.h"
#include "common/certificates.h"
#include "common/command_line.h"
#include "common/endpoint.h"
#include "common/folder_lock.h"
#include "proto/grpc_log.h"

namespace firstbyte::agent {
namespace {

constexpr std::chrono::seconds kLimit{20};
// Of the line with the token; one has 81 characters.
constexpr std::size_t kMostTokenBytes = 256;

struct Flags {
  JoinRequest request;
  std::string data_dir;
};

void declare(CLI::App& app, Flags& flags) {
  app.add_option("--collector", flags.request.collector, "where the collector's gRPC listens")
      ->type_name("HOST:PORT")
      ->required();
  app.add_option("--token", flags.request.token,
                 "from `firstbyte-collector agents enroll`, good once;\n"
                 "-: a line of standard input, which does not show in `ps`")
      ->type_name("fbj_...|-")
      ->required();
  app.add_option("--ca-fingerprint", flags.request.ca_fingerprint,
                 "by which the collector is known at the first contact")
      ->type_name("sha256:...")
      ->required();
  app.add_option("--data-dir", flags.data_dir, "this agent's own folder; its key stays there")
      ->type_name("DIR")
      ->required();
}

// The first line of standard input.
Expected<std::string> read_token() {
  std::array<char, kMostTokenBytes + 2> line{};
  if (std::fgets(line.data(), line.size(), stdin) == nullptr) {
    return invalid("--token", "nothing came on standard input");
  }
  const std::string_view text(line.data());
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

Expected<Printed> run(int argc, const char* const* argv) {
  CLI::App app{"Makes this machine an agent of a collector, once.", "firstbyte-agent join"};
  Flags flags;
  declare(app, flags);
  auto printed = parse_command_line(app, argc, argv);
  if (!printed) return std::unexpected(printed.error());
  if (*printed) return **std::move(printed);
  if (!is_host_port(flags.request.collector)) {
    return invalid("--collector", fmt::format("{} is not HOST:PORT", flags.request.collector));
  }
  if (!is_fingerprint(flags.request.ca_fingerprint)) {
    return invalid("--ca-fingerprint", "it is not sha256: and 64 hex digits");
  }
  if (flags.request.token == "-") {
    auto token = read_token();
    if (!token) return std::unexpected(std::move(token.error()));
    flags.request.token = *std::move(token);
  }
  const auto lock = FolderLock::take(flags.data_dir, "agent");
  if (!lock) return std::unexpected(lock.error());
  const IdentityStore store(flags.data_dir);
  const auto present = store.load();
  if (!present) return std::unexpected(present.error());
  if (*present) {
    return fatal(
        fmt::format("{} says that this is agent \"{}\" of {} already; remove it to join anew",
                    store.file().string(), (*present)->identity.id, (*present)->collector),
        "--data-dir");
  }
  send_grpc_log_to_ours();
  const auto credentials = join_collector(flags.request, kLimit);
  if (!credentials) return std::unexpected(credentials.error());
  if (auto kept = store.save(*credentials); !kept) return std::unexpected(std::move(kept.error()));
  return Printed{fmt::format("joined as {} ({}); start it by: firstbyte-agent --data-dir {}\n",
                             credentials->identity.id, credentials->identity.city, flags.data_dir)};
}

}  // namespace

int run_join_command(int argc, const char* const* argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a collector that hangs up is told in a sentence
  return end_command("firstbyte-agent join", run(argc, argv));
}

}  // namespace firstbyte::agent
