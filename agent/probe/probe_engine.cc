#include "agent/probe/probe_engine.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agent/probe/warm_up.h"

namespace firstbyte::agent {
namespace {

bool speaks_http3() {
  return (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP3) != 0;
}

// Why this agent can not ask so; empty when it can.
std::string unsupported(const Target& target) {
  for (const auto& [name, value] : target.headers) {
    if (auto checked = check_request_header(name, value); !checked) {
      return std::move(checked.error().message);
    }
  }
  if (target.http_version == HttpVersion::k3 && !speaks_http3()) {
    return "this agent's libcurl cannot speak HTTP/3";
  }
  return {};
}

// How long after its slot a probe starts. Not told by its measurement, which may be of a later
// exchange. What the wire has room for; a process that was stopped just before may be later.
Micros late(const CheckSlot& slot, WallTime started) {
  constexpr Micros kMost = std::chrono::hours{24};
  return std::clamp(started - slot.scheduled_at, Micros{0}, kMost);
}

}  // namespace

ProbeEngine::ProbeEngine(HttpClient& client, Options options, OnPhase on_phase, OnDone on_done)
    : client_(client),
      dns_(client.loop()),
      options_(std::move(options)),
      on_phase_(std::move(on_phase)),
      on_done_(std::move(on_done)) {}

ProbeEngine::~ProbeEngine() = default;

void ProbeEngine::warm_up() {
  warm_up_https();
  // A channel for the resolver that is asked most, and this host's own addresses.
  if (auto channel = dns_.take(options_.resolver)) dns_.give_back(*std::move(channel));
  client_.policy().allows("2000::");
}

void ProbeEngine::start(ProbeOrder order) {
  if (order.slot) order.slot->late = late(*order.slot, client_.loop().clock().wall());
  if (draining_) {
    refuse(order, Cause::kCancelled, "the agent is shutting down");
    return;
  }
  if (probes_.size() >= options_.max_running) {
    refuse(order, Cause::kOverloaded,
           fmt::format("the agent already runs {} probes", probes_.size()));
    return;
  }
  Expected<TargetUrl> url = parse_target_url(order.target.url);
  if (!url) {
    refuse(order, Cause::kInvalidUrl, url.error().message);
    return;
  }
  if (std::string why = unsupported(order.target); !why.empty()) {
    refuse(order, Cause::kUnsupported, std::move(why));
    return;
  }
  const std::uint64_t id = next_id_++;
  auto probe = std::make_unique<Probe>(
      client_, dns_, order, *std::move(url), options_.resolver, options_.clock,
      [this, test_id = order.test_id](Phase phase, Micros elapsed) {
        on_phase_(test_id, phase, elapsed);
      });
  Probe& started = *probes_.emplace(id, std::move(probe)).first->second;
  started.start([this, id, slot = order.slot](Measurement measurement) {
    measurement.slot = slot;
    finish(id, std::move(measurement));
  });
}

void ProbeEngine::cancel(const std::string& test_id) {
  std::vector<Probe*> cancelled;
  for (const auto& [id, probe] : probes_) {
    if (probe->test_id() == test_id) cancelled.push_back(probe.get());
  }
  for (Probe* probe : cancelled) probe->cancel();
}

void ProbeEngine::cancel_all() {
  std::vector<Probe*> cancelled;
  cancelled.reserve(probes_.size());
  for (const auto& [id, probe] : probes_) cancelled.push_back(probe.get());
  for (Probe* probe : cancelled) probe->cancel();
}

void ProbeEngine::drain(std::function<void()> drained) {
  draining_ = true;
  if (probes_.empty()) {
    drained();
  } else {
    drained_ = std::move(drained);
  }
}

void ProbeEngine::refuse(const ProbeOrder& order, Cause cause, std::string message) {
  Measurement refused;
  refused.test_id = order.test_id;
  refused.slot = order.slot;
  refused.url = order.target.url;
  refused.measured_at = client_.loop().clock().wall();
  refused.self_check.emplace().overloaded = cause == Cause::kOverloaded;
  refused.failure = Failure{std::nullopt, Origin::kAgent, cause, std::move(message)};
  on_done_(std::move(refused));
}

void ProbeEngine::finish(std::uint64_t id, Measurement measurement) {
  probes_.erase(id);
  on_done_(std::move(measurement));
  if (drained_ && probes_.empty()) std::exchange(drained_, nullptr)();
}

}  // namespace firstbyte::agent
