// Runs probes: order in, measurement out, any number at once on one loop. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "agent/probe/probe.h"
#include "common/measurement.h"
#include "common/target.h"

namespace firstbyte::agent {

class ProbeEngine {
 public:
  // As Probe::OnPhase.
  using OnPhase = std::function<void(const std::string& test_id, Phase, Micros elapsed)>;
  using OnDone = std::function<void(Measurement)>;

  struct Options {
    Resolver resolver;
    // By whose clock phases are timed. The agent's own is there to be compared with.
    Span::Clock clock = Span::Clock::kKernel;
    // More at once would measure this agent's own queue; the one too many fails as `overloaded`.
    std::size_t max_running = 64;
  };

  // `client` must outlive the engine. `on_done` is called once for each order, whatever happens.
  ProbeEngine(HttpClient& client, Options options, OnPhase on_phase, OnDone on_done);
  ~ProbeEngine();
  ProbeEngine(const ProbeEngine&) = delete;
  ProbeEngine& operator=(const ProbeEngine&) = delete;

  // Does what the first probe would otherwise have to wait for; nothing leaves this host.
  void warm_up();
  // The slot of a check, if it is for one, is in its measurement, with how late this is.
  void start(ProbeOrder order);
  // Ends the probes of a test as `cancelled`; no effect when none runs.
  void cancel(const std::string& test_id);
  // From now on each order fails as `cancelled`; once nothing runs any more `drained` is called.
  void drain(std::function<void()> drained);
  void cancel_all();
  std::size_t running() const { return probes_.size(); }
  // Half of what may run, or more: the rest is for orders only. Also once it drains.
  bool is_busy() const { return draining_ || 2 * running() >= options_.max_running; }

 private:
  void refuse(const ProbeOrder& order, Cause cause, std::string message);
  void finish(std::uint64_t id, Measurement measurement);

  HttpClient& client_;
  DnsChannels dns_;
  const Options options_;
  const OnPhase on_phase_;
  const OnDone on_done_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Probe>> probes_;
  std::uint64_t next_id_ = 1;
  bool draining_ = false;
  std::function<void()> drained_;
};

}  // namespace firstbyte::agent
