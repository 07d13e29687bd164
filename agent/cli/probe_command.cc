#include "agent/cli/probe_command.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include "agent/cli/batch.h"
#include "agent/cli/curl_comparison.h"
#include "agent/cli/curl_run.h"
#include "agent/cli/probe_options.h"
#include "agent/cli/result_json.h"
#include "agent/cli/waterfall.h"
#include "agent/probe/prober.h"
#include "common/signals.h"

namespace firstbyte::agent {
namespace {

constexpr int kFailed = 1;
constexpr int kNotMeasured = 2;

Measurement measure(const ProbeOptions& options, TrustStore trust) {
  std::promise<Measurement> promise;
  std::future<Measurement> measured = promise.get_future();
  Prober prober(
      system_clock(), std::move(trust),
      AddressPolicy(options.allowed_networks, options.allowed_ports),
      ProbeEngine::Options{.resolver = options.resolver, .clock = options.clock},
      [](const std::string&, Phase, Micros) {},
      [&](Measurement measurement) { promise.set_value(std::move(measurement)); });
  prober.warm_up();
  prober.start({.test_id = "probe", .target = options.target});
  return measured.get();
}

// False when nobody can take it; fmt::print() would throw.
bool print(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         std::fflush(stdout) == 0;
}

std::string comparison(const Measurement& ours, const ProbeOptions& options,
                       const TextStyle& style) {
  if (!ours.remote) return "\ncurl was not asked: there is no address that it could be sent to\n";
  const CurlRequest request{options.target, *ours.remote, options.ca_file};
  const Expected<CurlReport> report = run_curl(request);
  if (report) return curl_comparison(ours, request, *report, style);
  return fmt::format("\nno comparison: {}\n", report.error().message);
}

int probe_once(std::string_view program, const ProbeOptions& options, TrustStore trust) {
  const Measurement measurement = measure(options, std::move(trust));
  bool printed = false;
  if (options.json) {
    printed = print(result_json(measurement) + '\n');
  } else {
    const TextStyle style = standard_output_style();
    printed = print(waterfall(measurement, style));  // before curl is waited for
    if (printed && options.compare_curl) printed = print(comparison(measurement, options, style));
  }
  if (!printed) {
    return fail_and_exit(program, {Error::Kind::kFatal, "cannot write the result", {}});
  }
  return measurement.failure ? kFailed : 0;
}

int fail(std::string_view program, const Error& error, int status) {
  fail_and_exit(program, error);
  return status;
}

}  // namespace

int run_probe_command(const std::string& program, int argc, const char* const* argv) {
  const auto parsed = parse_probe_options(program, argc, argv);
  if (!parsed) return fail(program, parsed.error(), kNotMeasured);
  if (const auto* printed = std::get_if<Printed>(&*parsed)) return print_and_exit(*printed);
  const auto& options = std::get<ProbeOptions>(*parsed);
  Expected<TrustStore> trust = TrustStore::load(options.ca_file);
  if (!trust) return fail(program, trust.error(), kNotMeasured);
  curl_global_init(CURL_GLOBAL_DEFAULT);

  if (!options.from_stdin) {
    std::signal(SIGPIPE, SIG_IGN);
    return probe_once(program, options, *std::move(trust));
  }
  block_stop_signals();
  const Expected<int> status = run_batch(program, options, *std::move(trust));
  if (status) return *status;
  return fail(program, status.error(),
              status.error().kind == Error::Kind::kInvalid ? kNotMeasured : kFailed);
}

}  // namespace firstbyte::agent
