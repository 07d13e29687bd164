// firstbyte-edge-health: an edge whose web server does not answer must not attract visitors.

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <thread>

#include "common/signals.h"
#include "lab/health/bird_client.h"
#include "lab/health/edge_watch.h"
#include "lab/health/options.h"

namespace firstbyte::health {
namespace {

constexpr int kUsage = 2;

void say(std::FILE* stream, std::string_view text) {
  std::fprintf(stream, "%.*s\n", static_cast<int>(text.size()), text.data());
  std::fflush(stream);
}

// The first time after `last` on its grid that has not passed: a check that took long makes the
// next one skip its turn, not come sooner.
MonotonicTime next_round(MonotonicTime last, std::chrono::milliseconds interval) {
  const auto passed = (std::chrono::steady_clock::now() - last) / interval;
  return last + (passed + 1) * interval;
}

Expected<int> run(const HealthOptions& options) {
  block_stop_signals();
  // Nothing is left behind by ending anywhere: the routes stay as they are.
  std::thread([] {
    wait_for_stop();
    _exit(0);
  }).detach();
  const BirdClient bird(options.bird_socket, options.protocols);
  EdgeWatch watch(HealthRule(options.fall, options.rise),
                  {.check = [&] { return check_http(options.check); },
                   .announce = [&](bool enabled) { return bird.announce(enabled); },
                   .say = [](std::string_view text) { say(stdout, text); },
                   .say_in_error =
                       [](std::string_view text) {
                         say(stderr, "firstbyte-edge-health: " + std::string(text));
                       }});
  malloc_trim(0);
  say(stdout, "ready");
  for (MonotonicTime round = std::chrono::steady_clock::now();;
       round = next_round(round, options.interval)) {
    std::this_thread::sleep_until(round);
    watch.round();
  }
}

}  // namespace
}  // namespace firstbyte::health

int main(int argc, char** argv) {
  using namespace firstbyte;
  const auto parsed = health::parse_options(argc, argv);
  const int status = run_program("firstbyte-edge-health", parsed, health::run);
  return parsed ? status : health::kUsage;
}
