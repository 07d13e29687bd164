#include "agent/probe/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probe/headline.h"

namespace firstbyte::agent {
namespace {

std::vector<Family> families_of(Family family) {
  if (family == Family::kBoth) return {Family::kIpv4, Family::kIpv6};
  return {family};
}

// Where each exchange that led to this one, and itself, went to.
std::vector<Pin> pins_of(const Measurement& measurement) {
  std::vector<Pin> pins;
  const auto add = [&](const Measurement& exchange) {
    const Expected<TargetUrl> url = parse_target_url(exchange.url);
    if (url && exchange.remote) pins.push_back({url->host, url->port, *exchange.remote});
  };
  std::ranges::for_each(measurement.redirects, add);
  add(measurement);
  return pins;
}

}  // namespace

Probe::Probe(HttpClient& client, DnsChannels& dns, ProbeOrder order, TargetUrl url,
             Resolver own_resolver, Span::Clock clock, OnPhase on_phase)
    : client_(client),
      dns_(dns),
      loop_(client.loop()),
      order_(std::move(order)),
      url_(std::move(url)),
      own_resolver_(std::move(own_resolver)),
      clock_(clock),
      on_phase_(std::move(on_phase)),
      started_(loop_.clock().now()),
      deadline_(loop_, started_ + order_.target.timeout, [this] { time_is_over(); }) {
  for (const Family family : families_of(order_.target.family)) {
    Lane& lane = lanes_.emplace_back(Lane{.family = family, .left = order_.target.samples});
    if (order_.target.reuse == Reuse::kCold) continue;
    const auto keep = order_.target.reuse == Reuse::kWarm ? HttpClient::Keep::kConnections
                                                          : HttpClient::Keep::kSessions;
    lane.client = std::make_unique<HttpClient>(loop_, client_.trust(), client_.policy(), keep);
  }
}

void Probe::start(Done done) {
  done_ = std::move(done);
  next();
}

void Probe::cancel() {
  cut_short({std::nullopt, Origin::kAgent, Cause::kCancelled, "the collector cancelled the probe"});
}

// The families take turns, so that what changes meanwhile changes for both.
void Probe::next() {
  lane_ = std::ranges::max_element(lanes_, {}, &Lane::left);
  if (lane_->left == 0) {
    finish();
    return;
  }
  is_priming_ = lane_->client && !std::exchange(lane_->is_primed, true);
  sample_ = std::make_unique<Sample>(lane_->client ? *lane_->client : client_, dns_, sample_order(),
                                     [this](Phase phase) { entered(phase); });
  sample_->start([this](Measurement measurement) { sampled(std::move(measurement)); });
}

SampleOrder Probe::sample_order() const {
  const Target& target = order_.target;
  SampleOrder order{.test_id = order_.test_id,
                    .target = target,
                    .url = url_,
                    .own_resolver = own_resolver_,
                    .clock = clock_,
                    .family = lane_->family,
                    .reuse = is_priming_ ? Reuse::kCold : target.reuse,
                    .pins = lane_->pins,
                    .checks_expectations = !is_priming_};
  if (const auto& pinned = target.connect_to) {
    order.pins.push_back({url_.host, url_.port, *pinned});
  }
  return order;
}

void Probe::sampled(Measurement measurement) {
  if (!is_priming_) {
    --lane_->left;
    samples_.push_back(std::move(measurement));
  } else if (measurement.failure) {
    // There is nothing that the samples could take over.
    lane_->left = 0;
    samples_.push_back(std::move(measurement));
  } else if (order_.target.reuse == Reuse::kWarm) {
    lane_->pins = pins_of(measurement);
  }
  next();
}

void Probe::time_is_over() {
  const Target& target = order_.target;
  const bool is_one_exchange = target.samples == 1 && target.max_redirects == 0 &&
                               target.reuse == Reuse::kCold && lanes_.size() == 1;
  const std::string limit = seconds_text(target.timeout);
  cut_short(timeout_failure(
      sample_->latest(),
      is_one_exchange ? "within " + limit : fmt::format("before the probe's {} were over", limit)));
}

void Probe::cut_short(Failure failure) {
  samples_.push_back(sample_->cut_short(std::move(failure)));
  finish();
}

void Probe::entered(Phase phase) {
  if (furthest_ && phase <= *furthest_) return;
  furthest_ = phase;
  on_phase_(phase, to_micros(loop_.clock().now() - started_));
}

void Probe::finish() {
  const bool is_one = order_.target.samples * static_cast<int>(lanes_.size()) == 1;
  Measurement result = headline_of(samples_);
  if (!is_one) result.samples = std::move(samples_);
  bound_parts(result);
  const Done done = std::exchange(done_, nullptr);
  done(std::move(result));
}

}  // namespace firstbyte::agent
