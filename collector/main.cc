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

// Before anything is stored, and with --check-config.
Expected<> check_certificate(const CollectorOptions& options) {
  if (!options.http.certificate) return {};
  const auto certificate = ServerCertificate::load(*options.http.certificate);
  if (!certificate) return std::unexpected(certificate.error());
  return {};
}

Expected<CheckPlan> check_plan(const CollectorOptions& options) {
  if (options.targets_file.empty()) return CheckPlan();
  auto targets = read_targets(options.targets_file);
  if (!targets) return std::unexpected(std::move(targets.error()));
  return CheckPlan(*std::move(targets));
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

// Absent when agents come without TLS.
Expected<std::unique_ptr<ServerTls>> server_tls(const CollectorOptions& options,
                                                const Clock& clock) {
  const AccessOptions& access = options.access;
  if (access.insecure) return nullptr;
  return ServerTls::open({.folder = std::filesystem::path(options.data_dir) / "tls",
                          .names = access.names,
                          .certificate_file = access.certificate_file,
                          .key_file = access.key_file,
                          .ca_file = access.ca_file,
                          .lifetime = access.certificate_lifetime},
                         clock);
}

// For `firstbyte-collector agents enroll`, which has to tell agents where to dial.
Expected<> leave_address(AccessDatabase& access, const ServerTls& tls, const std::string& name,
                         int port) {
  const std::string host = is_ipv6(name) ? fmt::format("[{}]", name) : name;
  auto left = access.set_setting("agents_dial", fmt::format("{}:{}", host, port));
  if (left) left = access.set_setting("ca_fingerprint", tls.trust_fingerprint());
  return left;
}

}  // namespace

Expected<int> run(const CollectorOptions& options) {
  if (const auto started = start_logging(options.log_level); !started) {
    return std::unexpected(started.error());
  }
  auto inherited = inherited_socket(options);
  if (!inherited) return std::unexpected(inherited.error());
  if (const auto checked = check_certificate(options); !checked) {
    return std::unexpected(checked.error());
  }
  const Expected<CheckPlan> checks = check_plan(options);
  if (!checks) return std::unexpected(checks.error());
  if (options.check_config) return 0;
  block_stop_signals();
  const Clock& clock = system_clock();

  Metrics metrics;
  SqliteStore::Options store_options;
  store_options.on_commit = [&](double seconds) { metrics.observe_commit(seconds); };
  Expected<std::unique_ptr<SqliteStore>> store =
      SqliteStore::open(options.data_dir, std::move(store_options));
  if (!store) return std::unexpected(store.error());
  Expected<std::unique_ptr<AccessDatabase>> access = AccessDatabase::open(options.data_dir);
  if (!access) return std::unexpected(access.error());
  AgentAccess agent_access(**access, clock);
  const Expected<std::unique_ptr<ServerTls>> tls = server_tls(options, clock);
  if (!tls) return std::unexpected(tls.error());

  // ingest -> store -> dispatch -> feeds -> viewers
  AgentRegistry agents;
  TestFeeds feeds(random_test_id());
  Dispatcher dispatcher(**store, agents, feeds, clock);
  if (const auto adopted = dispatcher.adopt_unfinished(); !adopted) {
    return std::unexpected(adopted.error());
  }

  // dispatch -> agents
  auto gateway = AgentGateway::start({.address = options.grpc_address,
                                      .tls = tls->get(),
                                      .access = *tls ? &agent_access : nullptr,
                                      .checks = &*checks},
                                     **store, agents, dispatcher, clock);
  // The dispatcher first, since agents whose streams end here are not lost. Then upstream first;
  // the store writes what is queued, and its last callbacks still find all of the above.
  const auto stop = [&] {
    dispatcher.stop();
    if (gateway) (*gateway)->stop();
    store->reset();
  };
  if (!gateway) {
    stop();
    return std::unexpected(gateway.error());
  }
  if (*tls) {
    const auto left =
        leave_address(**access, **tls, options.access.names.front(), (*gateway)->port());
    if (!left) {
      stop();
      return std::unexpected(left.error());
    }
  }

  // page and API
  const Assets assets(embedded_assets());
  TestLimits limits(options.http.limits, clock);
  ApiTokens tokens(**access, clock);
  Guard guard(options.http.access, tokens, clock);
  const auto router = make_router({**store,
                                   agents,
                                   dispatcher,
                                   feeds,
                                   guard,
                                   limits,
                                   metrics,
                                   assets,
                                   {options.default_url, options.notice},
                                   *checks,
                                   clock});
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
  describe(metrics, **store, agents, dispatcher, **gateway, **server);

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
