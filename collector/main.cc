// firstbyte-collector: agents stream in, the page and the API look out.

#include <fmt/format.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "collector/access/access_database.h"
#include "collector/access/agent_access.h"
#include "collector/api/agent_metrics.h"
#include "collector/api/api.h"
#include "collector/api/http_server.h"
#include "collector/api/inherited_socket.h"
#include "collector/checks/targets_file.h"
#include "collector/cli/agents_command.h"
#include "collector/cli/tokens_command.h"
#include "collector/config/edges_file.h"
#include "collector/dispatch/test_id.h"
#include "collector/ingest/agent_gateway.h"
#include "collector/ingest/server_tls.h"
#include "collector/options.h"
#include "collector/store/sqlite_store.h"
#include "common/endpoint.h"
#include "common/logging.h"
#include "common/signals.h"

namespace firstbyte::collector {
namespace {

void describe(Metrics& metrics, SqliteStore& store, const AgentRegistry& agents,
              const Dispatcher& dispatcher, const AgentGateway& gateway, const HttpServer& server) {
  const IngestStats& ingest = gateway.stats();
  const StoreStats& stored = store.stats();
  metrics.add_gauge("firstbyte_agents_connected", "Agents connected now",
                    [&] { return static_cast<double>(agents.size()); });
  metrics.add_gauge("firstbyte_tests_running", "On-demand tests under way",
                    [&] { return static_cast<double>(dispatcher.running()); });
  metrics.add_gauge("firstbyte_http_connections", "HTTP connections open now",
                    [&] { return static_cast<double>(server.connections()); });
  metrics.add_counter("firstbyte_ingest_results_total",
                      "Results received from agents, repeated ones included",
                      [&] { return ingest.results.load(); });
  metrics.add_counter("firstbyte_ingest_rejected_results_total",
                      "Results that broke the protocol's bounds and were stored as failures",
                      [&] { return ingest.rejected.load(); });
  metrics.add_counter("firstbyte_ingest_refused_agents_total", "Streams that were refused",
                      [&] { return ingest.refused.load(); });
  metrics.add_counter("firstbyte_store_commits_total", "Groups of writes made durable",
                      [&] { return stored.commits.load(); });
  metrics.add_counter("firstbyte_store_failed_commits_total", "Groups of writes that were not",
                      [&] { return stored.failed_commits.load(); });
  metrics.add_counter("firstbyte_store_results_total", "Results stored",
                      [&] { return stored.results_stored.load(); });
  metrics.add_counter("firstbyte_store_duplicates_total",
                      "Results that were stored already and so ignored",
                      [&] { return stored.duplicates_ignored.load(); });
  metrics.add_counter("firstbyte_store_gaps_total", "Gaps recorded in the place of lost results",
                      [&] { return stored.gaps_recorded.load(); });
  metrics.add_counter("firstbyte_store_lost_results_total",
                      "Results in gaps when those were recorded",
                      [&] { return stored.results_lost.load(); });
  metrics.add_families([&] {
    // Where the store cannot be read there is no data.
    return agent_metrics(
        view_agents(store.agents().value_or(std::vector<AgentRecord>{}), agents.all()));
  });
}

ServerTls::Options tls_options(const CollectorOptions& options) {
  const AccessOptions& access = options.access;
  return {.folder = std::filesystem::path(options.data_dir) / "tls",
          .names = access.names,
          .certificate_file = access.certificate_file,
          .key_file = access.key_file,
          .ca_file = access.ca_file,
          .lifetime = access.certificate_lifetime};
}

// Before anything is stored, and with --check-config.
Expected<> check_certificates(const CollectorOptions& options) {
  if (options.http.certificate) {
    const auto certificate = ServerCertificate::load(*options.http.certificate);
    if (!certificate) return std::unexpected(certificate.error());
  }
  return ServerTls::check_files(tls_options(options));
}

Expected<CheckPlan> check_plan(const CollectorOptions& options) {
  if (options.targets_file.empty()) return CheckPlan();
  auto targets = read_targets(options.targets_file);
  if (!targets) return std::unexpected(std::move(targets.error()));
  return CheckPlan(*std::move(targets));
}

Expected<EdgeRules> edge_rules(const CollectorOptions& options) {
  return options.edges_file.empty() ? EdgeRules() : read_edges(options.edges_file);
}

// Whose socket serves the page: absent when the collector is to make its own.
Expected<std::optional<InheritedSocket>> inherited_socket(const CollectorOptions& options) {
  auto inherited = InheritedSocket::take();
  if (inherited && *inherited && options.http_given) {
    return invalid(
        "--http",
        "LISTEN_FDS passes a socket in, so this address would not be used; give only one");
  }
  return inherited;
}

// For `firstbyte-collector agents enroll`, which has to tell agents whom to believe, and where to
// dial.
Expected<> leave_fingerprint(AccessDatabase& access, const std::string& fingerprint) {
  const auto before = access.setting("ca_fingerprint");
  if (!before) return std::unexpected(before.error());
  if (*before == fingerprint) return {};
  if (*before) {
    spdlog::warn(
        "the collector's certificate leads to another authority ({}) than before ({}): an agent "
        "that has not been given that one yet, as it joined or renewed its certificate, cannot "
        "come back and has to be enrolled anew",
        fingerprint, **before);
  }
  return access.set_setting("ca_fingerprint", fingerprint);
}

Expected<> leave_address(AccessDatabase& access, const std::string& name, int port) {
  const std::string host = is_ipv6(name) ? fmt::format("[{}]", name) : name;
  const std::string address = fmt::format("{}:{}", host, port);
  const auto before = access.setting("agents_dial");
  if (before && *before == address) return {};  // written there, for which there may be no room
  return access.set_setting("agents_dial", address);
}

// Absent when agents come without TLS.
Expected<std::unique_ptr<ServerTls>> server_tls(const CollectorOptions& options,
                                                AccessDatabase& access, const Clock& clock) {
  if (options.access.insecure) return nullptr;
  ServerTls::Options tls = tls_options(options);
  tls.on_trust = [&access](const std::string& fingerprint) {
    return leave_fingerprint(access, fingerprint);
  };
  return ServerTls::open(std::move(tls), clock);
}

// What is kept in the data folder.
struct Storage {
  std::unique_ptr<SqliteStore> store;
  std::unique_ptr<AccessDatabase> access;
  std::unique_ptr<ServerTls> tls;  // null when agents come without
};

Expected<Storage> open_storage(const CollectorOptions& options, Metrics& metrics,
                               const Clock& clock) {
  SqliteStore::Options store_options;
  store_options.on_commit = [&](double seconds) { metrics.observe_commit(seconds); };
  auto store = SqliteStore::open(options.data_dir, std::move(store_options));
  if (!store) return std::unexpected(std::move(store.error()));
  auto access = AccessDatabase::open(options.data_dir);
  if (!access) return std::unexpected(std::move(access.error()));
  auto tls = server_tls(options, **access, clock);
  if (!tls) return std::unexpected(std::move(tls.error()));
  return Storage{*std::move(store), *std::move(access), *std::move(tls)};
}

bool lacks_room(const std::filesystem::path& folder) {
  constexpr std::uintmax_t kEnoughToStart = 1 << 20;
  std::error_code unknown;
  const auto space = std::filesystem::space(folder, unknown);
  return !unknown && space.available < kEnoughToStart;
}

// While the disk is full this waits, so that nobody has to start the collector again once there is
// room. Absent when it was told to end meanwhile.
Expected<std::optional<Storage>> open_storage_patiently(const CollectorOptions& options,
                                                        Metrics& metrics, const Clock& clock) {
  constexpr std::chrono::milliseconds kAgain{250};
  for (bool told = false;; told = true) {
    const bool full = lacks_room(options.data_dir);  // there may be room again afterwards
    auto storage = open_storage(options, metrics, clock);
    if (storage) return *std::move(storage);
    if (!full && !lacks_room(options.data_dir)) return std::unexpected(std::move(storage.error()));
    if (!told) spdlog::error("{}; the disk is full, waiting for room", storage.error().message);
    if (stopped_within(kAgain)) return std::nullopt;
  }
}

}  // namespace

Expected<int> run(const CollectorOptions& options) {
  if (const auto started = start_logging(options.log_level); !started) {
    return std::unexpected(started.error());
  }
  auto inherited = inherited_socket(options);
  if (!inherited) return std::unexpected(inherited.error());
  if (const auto checked = check_certificates(options); !checked) {
    return std::unexpected(checked.error());
  }
  const Expected<CheckPlan> checks = check_plan(options);
  if (!checks) return std::unexpected(checks.error());
  const Expected<EdgeRules> edges = edge_rules(options);
  if (!edges) return std::unexpected(edges.error());
  if (options.check_config) return 0;
  block_stop_signals();
  const Clock& clock = system_clock();

  Metrics metrics;
  auto storage = open_storage_patiently(options, metrics, clock);
  if (!storage) return std::unexpected(storage.error());
  if (!*storage) return 0;
  auto& [store, access, tls] = **storage;
  AgentAccess agent_access(*access, clock);
  agent_access.forget_ended();

  // ingest -> store -> dispatch -> feeds -> viewers
  AgentRegistry agents;
  TestFeeds feeds(random_test_id(), *edges);
  Dispatcher dispatcher(*store, agents, feeds, clock);
  if (const auto adopted = dispatcher.adopt_unfinished(); !adopted) {
    return std::unexpected(adopted.error());
  }

  // dispatch -> agents
  auto gateway = AgentGateway::start({.address = options.grpc_address,
                                      .tls = tls.get(),
                                      .access = tls ? &agent_access : nullptr,
                                      .checks = &*checks},
                                     *store, agents, dispatcher, clock);
  // The dispatcher first, since agents whose streams end here are not lost. Then upstream first;
  // the store writes what is queued, and its last callbacks still find all of the above.
  const auto stop = [&] {
    dispatcher.stop();
    if (gateway) (*gateway)->stop();
    store.reset();
  };
  if (!gateway) {
    stop();
    return std::unexpected(gateway.error());
  }
  if (tls) {
    const auto left = leave_address(*access, options.access.names.front(), (*gateway)->port());
    if (!left) {
      stop();
      return std::unexpected(left.error());
    }
  }

  // page and API
  const Assets assets(embedded_assets());
  TestLimits limits(options.http.limits, clock);
  ApiTokens tokens(*access, clock);
  Guard guard(options.http.access, tokens, clock);
  const auto router = make_router({*store,
                                   agents,
                                   dispatcher,
                                   feeds,
                                   guard,
                                   limits,
                                   metrics,
                                   assets,
                                   {options.default_url, options.notice},
                                   *checks,
                                   clock,
                                   *edges});
  HttpServerOptions http;
  http.address = options.http_address;
  http.port = options.http_port;
  http.certificate = options.http.certificate;
  http.trusted_proxies = options.http.trusted_proxies;
  http.hosts = options.http.hosts;
  http.on_request = [&](std::string_view route, std::string_view method, unsigned status,
                        double seconds) { metrics.count_request(route, method, status, seconds); };
  auto server = *inherited ? HttpServer::start_on(**std::move(inherited), std::move(http), router)
                           : HttpServer::start(std::move(http), router);
  if (!server) {
    stop();
    return std::unexpected(server.error());
  }
  describe(metrics, *store, agents, dispatcher, **gateway, **server);

  fmt::print("ready http={} grpc={}:{}\n", (*server)->endpoint(),
             options.grpc_address.substr(0, options.grpc_address.rfind(':')), (*gateway)->port());
  std::fflush(stdout);
  malloc_trim(0);

  wait_for_stop();
  spdlog::info("stopping");
  (*server)->stop();
  stop();
  return 0;
}

}  // namespace firstbyte::collector

int main(int argc, char** argv) {
  using namespace firstbyte;
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "agents") return collector::run_agents_command(argc - 1, argv + 1);
  if (command == "tokens") return collector::run_tokens_command(argc - 1, argv + 1);
  return run_program("firstbyte-collector", collector::parse_options(argc, argv), collector::run);
}
