// The probe thread: the event loop with everything that measures on it, and nothing else, so that
// what is measured is the network and not this agent's other work. start(), warm_up() and stop()
// are thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include "agent/probe/probe_engine.h"

namespace firstbyte::agent {

class Prober {
 public:
  // The callbacks run on the probe thread.
  Prober(const Clock& clock, TrustStore trust, AddressPolicy policy, ProbeEngine::Options options,
         ProbeEngine::OnPhase on_phase, ProbeEngine::OnDone on_done);
  ~Prober();
  Prober(const Prober&) = delete;
  Prober& operator=(const Prober&) = delete;

  void start(ProbeOrder order);
  // As the engine's, before what is started later; returns at once.
  void warm_up();
  // For what lives on the probe thread beside the orders, such as a control target: the loop's
  // post() is thread-safe, everything else is the probe thread's.
  EventLoop& loop() { return loop_; }
  ProbeEngine& engine() { return engine_; }
  // Probes no more: orders are answered as cancelled. Returns when what runs has ended; what still
  // runs after `patience` is cancelled.
  void drain(std::chrono::milliseconds patience);
  // Ends the thread; what still runs is given up. Idempotent.
  void stop();

 private:
  EventLoop loop_;
  HttpClient client_;
  ProbeEngine engine_;
  std::thread thread_;
};

}  // namespace firstbyte::agent
