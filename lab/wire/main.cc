// firstbyte-wire: what comes in at one end of a wire goes out at the other, later.

#include <fmt/format.h>
#include <malloc.h>
#include <sys/signalfd.h>

#include <csignal>
#include <cstdio>
#include <random>

#include "common/signals.h"
#include "lab/wire/control_request.h"
#include "lab/wire/control_server.h"
#include "lab/wire/forwarder.h"
#include "lab/wire/options.h"
#include "lab/wire/scheduling.h"

namespace firstbyte::wire {
namespace {

// Those that block_stop_signals() blocks, as something to read.
Fd stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
}

Expected<int> run(const WireOptions& options) {
  block_stop_signals();
  Expected<std::vector<WireConfig>> configs = load_wires(options.wires);
  if (!configs) return std::unexpected(configs.error());
  const std::size_t count = configs->size();

  EventLoop loop;
  bool stopped = false;
  const Fd stop = stop_signals();
  loop.watch(stop.get(), [&] { stopped = true; });

  // interface -> wire -> interface
  const auto forwarder = Forwarder::open(*std::move(configs), loop, std::random_device{}());
  if (!forwarder) return std::unexpected(forwarder.error());
  // control socket -> wires
  const auto control = ControlServer::open(options.control, loop, [&](std::string_view line) {
    return answer(line, (*forwarder)->wires(), (*forwarder)->missed());
  });
  if (!control) return std::unexpected(control.error());

  want_exact_timers();
  const bool fifo = schedule_fifo();
  malloc_trim(0);
  fmt::print("ready wires={} scheduling={}\n", count, fifo ? "fifo" : "other");
  std::fflush(stdout);
  while (!stopped) loop.wait((*forwarder)->send_due());
  return 0;
}

// What the caller wrote is wrong, in contrast to what this machine cannot do.
constexpr int kUsage = 2;

Expected<int> run_or_refuse(const WireOptions& options) {
  Expected<int> status = run(options);
  if (status || status.error().kind != Error::Kind::kInvalid) return status;
  fail_and_exit("firstbyte-wire", status.error());
  return kUsage;
}

}  // namespace
}  // namespace firstbyte::wire

int main(int argc, char** argv) {
  using namespace firstbyte;
  const auto parsed = wire::parse_options(argc, argv);
  const int status = run_program("firstbyte-wire", parsed, wire::run_or_refuse);
  return parsed ? status : wire::kUsage;
}
