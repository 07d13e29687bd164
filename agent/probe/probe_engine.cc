#include "agent/probe/probe_engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "agent/probe/self_check.h"

namespace firstbyte::agent {
namespace {

// Who was being waited for when the time ran out.
Failure timeout_failure(std::optional<Phase> phase, Micros limit) {
  const auto seconds = static_cast<double>(limit.count()) / 1e6;
  const auto fail = [&](Origin origin, std::string_view what) {
    return Failure{phase, origin, Cause::kTimeout, fmt::format("{} within {} s", what, seconds)};
  };
  if (!phase) return fail(Origin::kAgent, "the probe did not begin");
  switch (*phase) {
    case Phase::kDns:
      return fail(Origin::kResolver, "the resolver did not answer");
    case Phase::kConnect:
      return fail(Origin::kNetwork, "no connection was made");
    case Phase::kTls:
      return fail(Origin::kTarget, "the TLS handshake did not finish");
    case Phase::kWait:
      return fail(Origin::kTarget, "no first byte came");
    case Phase::kTransfer:
      break;
  }
  return fail(Origin::kTarget, "the answer did not end");
}

}  // namespace

// One probe: lookup, then exchange, under one deadline.
class ProbeEngine::Probe {
 public:
  Probe(ProbeEngine& engine, std::uint64_t id, const ProbeOrder& order)
      : engine_(engine),
        loop_(engine.client_.loop()),
        id_(id),
        timeout_(order.target.timeout),
        recorder_(loop_.clock(),
                  [this](Phase phase, Micros elapsed) {
                    engine_.on_phase_(measurement_.test_id, phase, elapsed);
                  }),
        deadline_(loop_.call_at(loop_.clock().now() + order.target.timeout, [this] {
          finish(timeout_failure(recorder_.latest(), timeout_));
        })) {
    measurement_.test_id = order.test_id;
    measurement_.url = order.target.url;
    measurement_.measured_at = loop_.clock().wall();
  }

  ~Probe() { loop_.cancel(deadline_); }
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  const std::string& test_id() const { return measurement_.test_id; }

  void start() {
    Expected<TargetUrl> url = parse_target_url(measurement_.url);
    if (!url) {
      finish(Failure{std::nullopt, Origin::kAgent, Cause::kInvalidUrl, url.error().message});
      return;
    }
    url_ = *std::move(url);
    if (url_.host_is_address) {
      exchange(url_.host);
      return;
    }
    lookup_ = std::make_unique<DnsLookup>(loop_, engine_.options_.resolver, recorder_);
    lookup_->start(url_.host,
                   [this](std::optional<Failure> failure) { resolved(std::move(failure)); });
  }

  // Nothing may follow it in the caller: the probe is gone then.
  void finish(std::optional<Failure> failure) {
    if (lookup_) measurement_.dns = lookup_->answer();
    if (transfer_) take(transfer_->outcome());
    if (failure) measurement_.failure = std::move(failure);
    measurement_.timings = recorder_.finish();
    measurement_.self_check = check_self(recorder_, loop_);
    engine_.finish(id_, std::move(measurement_));
  }

 private:
  void resolved(std::optional<Failure> failure) {
    if (failure) {
      finish(std::move(failure));
      return;
    }
    exchange(lookup_->answer()->addresses.front().address);
  }

  void exchange(const std::string& address) {
    const AddressPolicy& policy = engine_.client_.policy();
    if (!policy.allows(address)) {
      finish(Failure{std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed,
                     policy.refusal_of(address)});
      return;
    }
    transfer_ = std::make_unique<HttpTransfer>(engine_.client_, recorder_);
    transfer_->start({.url = url_, .address = address}, [this] { finish(std::nullopt); });
  }

  void take(HttpOutcome outcome) {
    measurement_.status = outcome.status;
    measurement_.http_version = std::move(outcome.http_version);
    measurement_.remote = std::move(outcome.remote);
    measurement_.local = std::move(outcome.local);
    measurement_.tls = std::move(outcome.tls);
    measurement_.tcp = std::move(outcome.tcp);
    measurement_.headers = std::move(outcome.headers);
    measurement_.headers_truncated = outcome.headers_truncated;
    measurement_.failure = std::move(outcome.failure);
  }

  ProbeEngine& engine_;
  EventLoop& loop_;
  const std::uint64_t id_;
  const Micros timeout_;
  Measurement measurement_;
  TargetUrl url_;
  PhaseRecorder recorder_;
  const EventLoop::TimerId deadline_;
  std::unique_ptr<DnsLookup> lookup_;
  std::unique_ptr<HttpTransfer> transfer_;
};

ProbeEngine::ProbeEngine(HttpClient& client, Options options, OnPhase on_phase, OnDone on_done)
    : client_(client),
      options_(std::move(options)),
      on_phase_(std::move(on_phase)),
      on_done_(std::move(on_done)) {}

ProbeEngine::~ProbeEngine() = default;

void ProbeEngine::start(const ProbeOrder& order) {
  if (probes_.size() >= options_.max_running) {
    Measurement refused;
    refused.test_id = order.test_id;
    refused.url = order.target.url;
    refused.measured_at = client_.loop().clock().wall();
    refused.self_check.overloaded = true;
    refused.failure = Failure{std::nullopt, Origin::kAgent, Cause::kOverloaded,
                              fmt::format("the agent already runs {} probes", probes_.size())};
    on_done_(std::move(refused));
    return;
  }
  const std::uint64_t id = next_id_++;
  const auto [at, inserted] = probes_.emplace(id, std::make_unique<Probe>(*this, id, order));
  at->second->start();
}

void ProbeEngine::cancel(const std::string& test_id) {
  std::vector<Probe*> cancelled;
  for (const auto& [id, probe] : probes_) {
    if (probe->test_id() == test_id) cancelled.push_back(probe.get());
  }
  for (Probe* probe : cancelled) {
    probe->finish(Failure{std::nullopt, Origin::kAgent, Cause::kCancelled,
                          "the collector cancelled the probe"});
  }
}

void ProbeEngine::finish(std::uint64_t id, Measurement measurement) {
  probes_.erase(id);
  on_done_(std::move(measurement));
}

}  // namespace firstbyte::agent
