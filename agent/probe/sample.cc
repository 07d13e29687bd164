#include "agent/probe/sample.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agent/probe/expectations.h"
#include "agent/probe/redirect.h"

namespace firstbyte::agent {
namespace {

Failure redirect_failure(Cause cause, std::string message) {
  return {std::nullopt, Origin::kTarget, cause, std::move(message)};
}

}  // namespace

Sample::Sample(HttpClient& client, DnsChannels& dns, SampleOrder order, OnPhase on_phase)
    : client_(client), dns_(dns), order_(std::move(order)), on_phase_(std::move(on_phase)) {}

void Sample::start(Done done) {
  done_ = std::move(done);
  const Target& target = order_.target;
  begin({.url = order_.url,
         .address = {},
         .method = target.method,
         .headers = target.headers,
         .body = target.body,
         .version = target.http_version,
         .reuse = order_.reuse});
}

void Sample::begin(HttpRequest request) {
  request_ = std::move(request);
  const auto pin = std::ranges::find_if(order_.pins, [&](const Pin& known) {
    return known.host == request_.url.host && known.port == request_.url.port;
  });
  if (pin != order_.pins.end()) {
    request_.address = pin->endpoint.ip;
    request_.port = pin->endpoint.port;
  }
  Resolver resolver = order_.own_resolver;
  if (const auto& chosen = order_.target.resolver) {
    resolver = {chosen->ip, chosen->port != 0 ? chosen->port : Resolver{}.port};
  }
  exchange_ = std::make_unique<Exchange>(
      client_, dns_,
      ExchangeOrder{.request = request_,
                    .family = order_.family,
                    .resolver = std::move(resolver),
                    .resolver_is_foreign = order_.target.resolver.has_value(),
                    .phase_limits = order_.target.phase_limits,
                    .clock = order_.clock},
      on_phase_);
  exchange_->start([this] { exchanged(); });
}

void Sample::exchanged() {
  Exchange::Result result = exchange_->finish();
  if (std::optional<HttpRequest> next = next_request(result)) {
    redirects_.push_back(std::move(result.measurement));
    begin(*std::move(next));
    return;
  }
  Measurement& last = result.measurement;
  if (!last.failure && order_.checks_expectations) {
    last.failure = unmet_expectation(order_.target.expect, last);
  }
  const Done done = std::exchange(done_, nullptr);
  done(close(std::move(last)));
}

std::optional<HttpRequest> Sample::next_request(Exchange::Result& result) const {
  Measurement& measurement = result.measurement;
  const int most = order_.target.max_redirects;
  if (most == 0 || measurement.failure || !is_redirect(measurement.status.value_or(0)) ||
      result.redirect_to.empty()) {
    return std::nullopt;
  }
  Expected<HttpRequest> next = follow_redirect(request_, *measurement.status, result.redirect_to);
  if (!next) {
    measurement.failure =
        redirect_failure(Cause::kBadRedirect, "the server redirects to what cannot be followed: " +
                                                  next.error().message);
    return std::nullopt;
  }
  if (redirects_.size() >= static_cast<std::size_t>(most)) {
    measurement.failure = redirect_failure(
        Cause::kTooManyRedirects, fmt::format("the server redirects more than {}",
                                              most == 1 ? "once" : fmt::format("{} times", most)));
    return std::nullopt;
  }
  return *std::move(next);
}

Measurement Sample::cut_short(Failure failure) {
  done_ = nullptr;
  return close(exchange_->finish(std::move(failure)).measurement);
}

Measurement Sample::close(Measurement last) {
  last.redirects = std::move(redirects_);
  Measurement& first = last.redirects.empty() ? last : last.redirects.front();
  first.url = order_.target.url;  // as it was typed
  for (Measurement& redirect : last.redirects) redirect.test_id = order_.test_id;
  last.test_id = order_.test_id;
  return last;
}

}  // namespace firstbyte::agent
