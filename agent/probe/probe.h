// One probe: all samples of a target, of each address family it is asked for in, one after another
// under one deadline. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/probe/deadline.h"
#include "agent/probe/sample.h"
#include "common/target.h"

namespace firstbyte::agent {

class Probe {
 public:
  // Of each phase when the probe reaches it first, with the time since the probe's start: it never
  // goes back, whatever redirects and samples follow.
  using OnPhase = std::function<void(Phase, Micros elapsed)>;
  using Done = std::function<void(Measurement)>;

  // `client` and `dns` must outlive the probe. `url` is the target's.
  Probe(HttpClient& client, DnsChannels& dns, ProbeOrder order, TargetUrl url,
        Resolver own_resolver, Span::Clock clock, OnPhase on_phase);
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  const std::string& test_id() const { return order_.test_id; }

  // `done` is called once, by the loop or by cancel(), never from within start(); it may destroy
  // the probe.
  void start(Done done);
  void cancel();

 private:
  // The samples of one address family. What they take over from each other lies in a client of
  // their own, which is primed by an exchange that is no sample.
  struct Lane {
    Family family = Family::kAny;
    int left = 0;  // samples to come
    std::unique_ptr<HttpClient> client{};
    bool is_primed = false;
    std::vector<Pin> pins{};  // of the exchange that primed it
  };

  void next();
  SampleOrder sample_order() const;
  void sampled(Measurement measurement);
  void time_is_over();
  void cut_short(Failure failure);
  void entered(Phase phase);
  void finish();

  HttpClient& client_;
  DnsChannels& dns_;
  EventLoop& loop_;
  const ProbeOrder order_;
  const TargetUrl url_;
  const Resolver own_resolver_;
  const Span::Clock clock_;
  const OnPhase on_phase_;
  const MonotonicTime started_;
  Done done_;
  std::optional<Phase> furthest_;
  std::vector<Lane> lanes_;
  std::vector<Lane>::iterator lane_;  // whose turn it is
  bool is_priming_ = false;
  std::vector<Measurement> samples_;
  const Deadline deadline_;
  std::unique_ptr<Sample> sample_;  // the one under way; gone before the lanes' clients
};

}  // namespace firstbyte::agent
