#include "agent/probe/prober.h"

#include <future>
#include <memory>
#include <utility>

namespace firstbyte::agent {

Prober::Prober(const Clock& clock, TrustStore trust, AddressPolicy policy,
               ProbeEngine::Options options, ProbeEngine::OnPhase on_phase,
               ProbeEngine::OnDone on_done)
    : loop_(clock),
      client_(loop_, std::move(trust), std::move(policy)),
      engine_(client_, std::move(options), std::move(on_phase), std::move(on_done)),
      thread_([this] { loop_.run(); }) {}

Prober::~Prober() { stop(); }

void Prober::start(ProbeOrder order) {
  loop_.post([this, order = std::move(order)] { engine_.start(order); });
}

void Prober::warm_up() {
  loop_.post([this] { engine_.warm_up(); });
}

void Prober::drain(std::chrono::milliseconds patience) {
  const auto drained = std::make_shared<std::promise<void>>();
  std::future<void> done = drained->get_future();
  loop_.post([this, drained] { engine_.drain([drained] { drained->set_value(); }); });
  if (done.wait_for(patience) == std::future_status::ready) return;
  loop_.post([this] { engine_.cancel_all(); });
  done.wait();
}

void Prober::stop() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace firstbyte::agent
