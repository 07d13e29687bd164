// One sample of a probe: an exchange, then those that its redirects lead to, each with a lookup, a
// connection and timings of its own. Loop thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/probe/exchange.h"
#include "common/target.h"

namespace firstbyte::agent {

// A host and port whose address is known, so that nobody is asked for it.
struct Pin {
  std::string host;
  std::uint16_t port = 0;
  Endpoint endpoint;
};

struct SampleOrder {
  std::string test_id;
  const Target& target;  // outlives the sample
  TargetUrl url;         // the target's
  Resolver own_resolver{};
  Span::Clock clock = Span::Clock::kKernel;
  Family family = Family::kAny;  // never kBoth
  Reuse reuse = Reuse::kCold;
  std::vector<Pin> pins{};  // the first that fits counts
  bool checks_expectations = true;
};

class Sample {
 public:
  using OnPhase = Exchange::OnPhase;
  using Done = std::function<void(Measurement)>;

  // Both must outlive the sample.
  Sample(HttpClient& client, DnsChannels& dns, SampleOrder order, OnPhase on_phase);
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  // `done` is called once, by the loop, never from within start(); it may destroy the sample. Not
  // called any more once the sample is cut short or gone.
  void start(Done done);

  // The phase it is in, of the exchange it is in.
  std::optional<Phase> latest() const { return exchange_->latest(); }

  // Ends it, and gives what is known of it. Only between start() and `done`.
  Measurement cut_short(Failure failure);

 private:
  void begin(HttpRequest request);
  void exchanged();
  // The request to go on with; none when this was the last, whose measurement then says why.
  std::optional<HttpRequest> next_request(Exchange::Result& result) const;
  Measurement close(Measurement last);

  HttpClient& client_;
  DnsChannels& dns_;
  const SampleOrder order_;
  const OnPhase on_phase_;
  Done done_;
  HttpRequest request_;
  std::unique_ptr<Exchange> exchange_;
  std::vector<Measurement> redirects_;
};

}  // namespace firstbyte::agent
