// One exchange of a probe: a lookup, unless the address is known, then a transfer, each phase under
// its limit, timed by a recorder of its own. Loop thread only.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/probe/deadline.h"
#include "agent/probe/dns_lookup.h"
#include "agent/probe/http_transfer.h"
#include "agent/probe/phase_recorder.h"
#include "common/measurement.h"
#include "common/target.h"

namespace firstbyte::agent {

struct ExchangeOrder {
  HttpRequest request;           // without an address it is looked up
  Family family = Family::kAny;  // of its address; never kBoth
  Resolver resolver{};
  // Whoever asked for the probe chose the resolver, not this agent's operator: it must be allowed.
  bool resolver_is_foreign = false;
  std::array<std::optional<Micros>, kPhaseCount> phase_limits{};
  // kAgent: no stamp is believed, as if there were none.
  Span::Clock clock = Span::Clock::kKernel;
};

class Exchange {
 public:
  using OnPhase = std::function<void(Phase)>;
  using Done = std::function<void()>;

  struct Result {
    Measurement measurement;  // without a test's id, redirects and samples
    std::string redirect_to;  // the absolute URL that a redirect's Location leads to
  };

  // Both must outlive the exchange. Its time starts now.
  Exchange(HttpClient& client, DnsChannels& dns, ExchangeOrder order, OnPhase on_phase);
  // Ends the exchange; `done` is not called any more.
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // `done` is called once, by the loop, never from within start(); it may destroy the exchange.
  void start(Done done);

  // The open phase, else the latest one.
  std::optional<Phase> latest() const { return recorder_.latest(); }

  // Ends the exchange, whether it is done or `cut_short`, and gives what is known of it. Once.
  Result finish(std::optional<Failure> cut_short = std::nullopt);

 private:
  void entered(Phase phase);
  void look_up();
  void transfer(const std::string& address);
  std::optional<Failure> refusal_of_version() const;
  std::optional<Failure> refusal_of_port() const;
  std::optional<Failure> refusal_of_resolver() const;
  std::optional<Failure> refusal_of_address(const std::string& address) const;
  void end(std::optional<Failure> failure);
  void take(HttpOutcome outcome);
  Reuse reuse() const;
  void check_version();

  HttpClient& client_;
  DnsChannels& dns_;
  EventLoop& loop_;
  ExchangeOrder order_;
  const OnPhase on_phase_;
  Measurement measurement_;
  PhaseRecorder recorder_;
  Done done_;
  std::optional<Deadline> limit_;  // of the latest phase
  std::unique_ptr<DnsLookup> lookup_;
  std::unique_ptr<HttpTransfer> transfer_;
  // Null once this exchange is gone, for what it has posted to the loop.
  std::shared_ptr<Exchange*> self_;
};

// Who was being waited for when the time ran out. `time` completes the sentence: "within 10 s".
Failure timeout_failure(std::optional<Phase> phase, std::string_view time);
// "10 s", "0.25 s"
std::string seconds_text(Micros time);

}  // namespace firstbyte::agent
