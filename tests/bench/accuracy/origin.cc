// What the accuracy benchmark's probes end at, behind nginx: a DNS server and an upstream, each
// with a delay that is known. The delays need not be exact, since the capture tells what they were;
// they make a phase long enough to be a phase, and tell an answer from what a server sends unasked.

#include <fmt/format.h>
#include <sys/signalfd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "lab/wire/scheduling.h"
#include "tests/bench/accuracy/dns_server.h"
#include "tests/bench/accuracy/upstream.h"

namespace firstbyte::bench {
namespace {

struct Flags {
  std::string address4;
  std::string address6;
  int dns_delay_ms = 4;
  std::uint16_t port = 9000;
};

wire::Fd stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return wire::Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

void run(const Flags& flags) {
  wire::EventLoop loop;
  DelayedWork work;
  bool stopped = false;
  const wire::Fd stop = stop_signals();
  loop.watch(stop.get(), [&] { stopped = true; });
  const DnsServer dns(flags.address4, flags.address6, std::chrono::milliseconds{flags.dns_delay_ms},
                      loop, work);
  const Upstream upstream(flags.port, loop, work);
  wire::want_exact_timers();
  fmt::print("ready\n");
  std::fflush(stdout);
  while (!stopped) {
    loop.wait(work.next_due());
    work.run_due();
  }
}

}  // namespace
}  // namespace firstbyte::bench

int main(int argc, char** argv) {
  CLI::App app{"A DNS server and an HTTP upstream that take a known time."};
  firstbyte::bench::Flags flags;
  app.add_option("--address4", flags.address4, "DNS listens here; every name's A record")
      ->required();
  app.add_option("--address6", flags.address6, "every name's AAAA record")->required();
  app.add_option("--dns-delay-ms", flags.dns_delay_ms, "until DNS answers")->capture_default_str();
  app.add_option("--port", flags.port, "of the upstream")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    firstbyte::bench::run(flags);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_origin: {}\n", error.what());
    return 1;
  }
}
