// firstbyte-agent: orders come down the stream, measurements go up.

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "agent/cli/probe_command.h"
#include "agent/health/control_target.h"
#include "agent/identity/join_command.h"
#include "agent/identity/renewal.h"
#include "agent/options.h"
#include "agent/probe/prober.h"
#include "agent/schedule/checks.h"
#include "agent/schedule/kept_assignment.h"
#include "agent/schedule/paced_orders.h"
#include "agent/spool/sqlite_spool.h"
#include "agent/stream/collector_stream.h"
#include "common/folder_lock.h"
#include "common/logging.h"
#include "common/random_number.h"
#include "common/resident_memory.h"
#include "common/signals.h"
#include "proto/grpc_log.h"

namespace firstbyte::agent {
namespace {

// For a disk, and then for a collector, that takes its time when the agent ends.
constexpr std::chrono::milliseconds kFlush{2000};
constexpr std::chrono::milliseconds kGoodbye{2000};
// sysexits.h's EX_NOPERM: for a service manager, that starting again will not help.
constexpr int kRefusedStatus = 77;

// What the libcurl at hand can speak, which need not be the one this was built with.
std::vector<std::string> capabilities() {
  const int features = curl_version_info(CURLVERSION_NOW)->features;
  std::vector<std::string> spoken{"http/1.1"};
  if ((features & CURL_VERSION_HTTP2) != 0) spoken.emplace_back("http/2");
  if ((features & CURL_VERSION_HTTP3) != 0) spoken.emplace_back("http/3");
  return spoken;
}

// Who this agent is: by its data folder, or, without TLS, by the flags.
struct Identity {
  AgentIdentity agent;
  std::string collector;
  std::optional<AgentCredentials> credentials;
};

Expected<Identity> find_identity(const AgentOptions& options, const IdentityStore& store) {
  if (options.insecure) return Identity{options.identity, options.collector, std::nullopt};
  auto credentials = store.load();
  if (!credentials) return std::unexpected(std::move(credentials.error()));
  if (!*credentials) {
    return fatal(
        fmt::format("{} is not there; `firstbyte-agent join` makes it", store.file().string()),
        "--data-dir");
  }
  auto confirmed = confirm_identity((*credentials)->identity, options.given);
  if (!confirmed) return std::unexpected(std::move(confirmed.error()));
  const std::string& joined = (*credentials)->collector;
  return Identity{*std::move(confirmed), options.collector.empty() ? joined : options.collector,
                  *std::move(credentials)};
}

Expected<std::unique_ptr<SqliteSpool>> open_spool(const AgentOptions& options) {
  SqliteSpool::Options spool{.file = {},
                             .bounds = {options.spool_max_bytes, options.spool_max_age}};
  if (options.data_dir.empty()) {
    spdlog::warn(
        "without --data-dir, results that the collector does not have yet are lost when "
        "this process ends");
  } else {
    spool.file = std::filesystem::path(options.data_dir) / "spool.db";
  }
  return SqliteSpool::open(std::move(spool), system_clock());
}

// What it probed last, until the collector says something else; its revision, or 0.
std::uint64_t assign_kept(const KeptAssignment& kept, Checks& checks) {
  Expected<std::optional<Assignment>> assignment = kept.load();
  if (!assignment) {
    spdlog::error("probing nothing until the collector says what: {}", assignment.error().message);
    return 0;
  }
  if (!*assignment) return 0;
  const std::uint64_t revision = (*assignment)->revision;
  checks.assign(**std::move(assignment));
  return revision;
}

// Whoever asks a second time does not want to wait. What is in the spool stays there.
void end_at_second_signal() {
  std::thread([] { _exit(128 + wait_for_stop()); }).detach();
}

}  // namespace

Expected<int> run(const AgentOptions& options) {
  if (const auto started = start_logging(options.log_level); !started) {
    return std::unexpected(started.error());
  }
  Expected<TrustStore> trust = TrustStore::load(options.ca_file);
  if (!trust) return std::unexpected(trust.error());
  if (options.check_config) return 0;
  std::optional<FolderLock> lock;
  if (!options.data_dir.empty()) {
    Expected<FolderLock> taken = FolderLock::take(options.data_dir, "agent");
    if (!taken) return std::unexpected(taken.error());
    lock.emplace(*std::move(taken));
  }

  const IdentityStore store(options.data_dir);
  const Expected<Identity> identity = find_identity(options, store);
  if (!identity) return std::unexpected(identity.error());
  const AgentIdentity& self = identity->agent;

  block_stop_signals();
  curl_global_init(CURL_GLOBAL_DEFAULT);
  send_grpc_log_to_ours();
  const Clock& clock = system_clock();
  Expected<std::unique_ptr<SqliteSpool>> opened = open_spool(options);
  if (!opened) return std::unexpected(opened.error());
  SqliteSpool& spool = **opened;
  std::optional<CollectorStream> stream;
  std::optional<ControlTarget> control;
  std::optional<Checks> checks;
  std::atomic<bool> announced{false};
  std::atomic<bool> refused{false};
  std::atomic<bool> ending{false};

  // probe -> spool -> stream
  Prober prober(
      clock, *std::move(trust), AddressPolicy(options.allowed_networks, options.allowed_ports),
      ProbeEngine::Options{.resolver = options.resolver},
      [&](const std::string& test_id, Phase phase, Micros elapsed) {
        if (ControlTarget::is_control(test_id)) return;
        stream->report_progress(test_id, phase, elapsed);
      },
      [&](Measurement measurement) {
        if (measurement.slot) {
          if (!checks->take(measurement)) return;
        } else if (ControlTarget::is_control(measurement.test_id)) {
          control->take(measurement);
          return;
        }
        if (control && measurement.self_check) {
          measurement.self_check->control = control->latest();
        }
        spool.append(std::move(measurement));
      });
  // Checks that were kept may begin before there is a connection.
  prober.warm_up();

  // stream -> schedule -> probe
  PacedOrders orders(
      prober.loop(), [&](const ProbeOrder& order) { prober.engine().start(order); },
      [&](const std::string& test_id) { prober.engine().cancel(test_id); });

  // control -> schedule -> probe -> control
  if (!options.control_target.empty()) {
    control.emplace(prober.loop(),
                    ControlTarget::Options{.url = options.control_target,
                                           .interval = options.control_interval,
                                           .seed = std::hash<std::string>{}(self.id)},
                    [&](ProbeOrder order) {
                      if (prober.engine().is_busy()) return false;
                      orders.start(std::move(order));
                      return true;
                    });
  }

  // stream -> checks -> schedule -> probe
  const KeptAssignment kept(options.data_dir);
  checks.emplace(
      prober.loop(), spool.told_slots(), [&] { return !prober.engine().is_busy(); },
      [&](ProbeOrder order) { orders.start(std::move(order)); });
  std::uint64_t revision = assign_kept(kept, *checks);

  StreamHandlers handlers;
  handlers.on_assignment = [&](Assignment assignment) {
    if (revision == assignment.revision) return;
    if (const auto written = kept.keep(assignment); written) {
      revision = assignment.revision;
    } else {  // the next time that it comes
      spdlog::error("the assignment is not kept: {}", written.error().message);
    }
    checks->assign(std::move(assignment));
  };
  handlers.on_order = [&](ProbeOrder order) { orders.start(std::move(order)); };
  handlers.on_cancel = [&](std::string test_id) { orders.cancel(std::move(test_id)); };
  handlers.on_connected = [&] {
    spdlog::info("connected to the collector at {} as {}", identity->collector, self.id);
    if (announced.exchange(true)) return;
    fmt::print("ready agent={}\n", self.id);
    std::fflush(stdout);
    // What gives pages of code back comes before what brings those that probes need.
    release_startup_memory();
    prober.warm_up();
  };
  handlers.on_refused = [&](const Error& error) {
    fmt::print(stderr, "firstbyte-agent: {}\n", error.message);
    refused = true;
    // Once it ends, what stops it again is the operator's second signal.
    if (!ending) request_stop();
  };
  StreamOptions dialling{.collector = identity->collector,
                         .identity = self,
                         .version = FIRSTBYTE_VERSION,
                         .capabilities = capabilities(),
                         .process = random_number(),
                         .credentials = {}};
  // collector -> identity -> stream
  std::optional<Renewal> renewal;
  if (identity->credentials) {
    renewal.emplace(*identity->credentials, identity->collector, store, clock);
    dialling.credentials = [&] { return renewal->channel_credentials(); };
  }
  stream.emplace(std::move(dialling), std::move(handlers), spool, clock);
  if (control) control->begin();
  stream->start();

  wait_for_stop();
  ending = true;
  // Upstream first: each stage hands on what it has.
  if (!refused) {
    end_at_second_signal();
    spdlog::info("ending: probes that run may go on for up to {} s", options.drain_timeout.count());
    prober.drain(options.drain_timeout);
    if (!spool.flush(kFlush)) spdlog::warn("not everything could be written to the spool");
    stream->stop(kGoodbye);
  }
  stream->stop({});
  prober.stop();
  return refused ? kRefusedStatus : 0;
}

}  // namespace firstbyte::agent

namespace {

// A standard stream that was closed at the start leaves its number to the next descriptor, and what
// is printed would go there. What stands in for it has nothing to read and takes nothing.
void keep_standard_numbers() {
  int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (fd >= 0) close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  using namespace firstbyte;
  keep_standard_numbers();
  if (argc > 1 && std::string_view(argv[1]) == "probe") {
    return agent::run_probe_command("firstbyte-agent probe", argc - 1, argv + 1);
  }
  if (argc > 1 && std::string_view(argv[1]) == "join") {
    return agent::run_join_command(argc - 1, argv + 1);
  }
  return run_program("firstbyte-agent", agent::parse_options(argc, argv), agent::run);
}
