#include "agent/probe/exchange.h"

#include <fmt/format.h>

#include <utility>

#include "agent/probe/address_policy.h"
#include "agent/probe/self_check.h"
#include "common/endpoint.h"

namespace firstbyte::agent {
namespace {

// RFC 7301: the server speaks none of the protocols that ALPN offered.
constexpr std::uint8_t kNoApplicationProtocol = 120;

Failure refuse(Cause cause, std::string message) {
  return {std::nullopt, Origin::kAgent, cause, std::move(message)};
}

bool is_of(Family family, std::string_view address) {
  return family == Family::kAny || (family == Family::kIpv6) == is_ipv6(address);
}

}  // namespace

std::string seconds_text(Micros time) {
  return fmt::format("{} s", static_cast<double>(time.count()) / 1e6);
}

Failure timeout_failure(std::optional<Phase> phase, std::string_view time) {
  const auto fail = [&](Origin origin, std::string_view what) {
    return Failure{phase, origin, Cause::kTimeout, fmt::format("{} {}", what, time)};
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

Exchange::Exchange(HttpClient& client, DnsChannels& dns, ExchangeOrder order, OnPhase on_phase)
    : client_(client),
      dns_(dns),
      loop_(client.loop()),
      order_(std::move(order)),
      on_phase_(std::move(on_phase)),
      recorder_(loop_.clock(), [this](Phase phase, Micros) { entered(phase); }),
      self_(std::make_shared<Exchange*>(this)) {
  measurement_.url = order_.request.url.text;
  measurement_.measured_at = loop_.clock().wall();
  measurement_.family = order_.family;
  measurement_.body_bytes = 0;
}

Exchange::~Exchange() { *self_ = nullptr; }

void Exchange::start(Done done) {
  done_ = std::move(done);
  auto refused = refusal_of_version();
  if (!refused) refused = refusal_of_port();
  if (refused) {
    end(std::move(refused));
  } else if (!order_.request.address.empty()) {
    transfer(order_.request.address);
  } else if (order_.request.url.host_is_address) {
    transfer(order_.request.url.host);
  } else {
    look_up();
  }
}

// The limit of a phase runs from its beginning to that of the next.
void Exchange::entered(Phase phase) {
  limit_.reset();
  if (const auto& limit = order_.phase_limits[static_cast<std::size_t>(phase)]) {
    limit_.emplace(loop_, loop_.clock().now() + *limit, [this, phase, limit = *limit] {
      limit_.reset();
      // Over in time, and the next has not begun. A lookup is over when it says so: there may be
      // another query in the same phase.
      if (phase != Phase::kDns && !recorder_.is_open()) return;
      measurement_.failure = timeout_failure(phase, "within " + seconds_text(limit));
      if (const Done done = std::exchange(done_, nullptr)) done();
    });
  }
  on_phase_(phase);
}

void Exchange::look_up() {
  if (auto refused = refusal_of_resolver()) {
    end(std::move(refused));
    return;
  }
  lookup_ = std::make_unique<DnsLookup>(dns_, order_.resolver, recorder_);
  lookup_->start(order_.request.url.host, order_.family, [this](std::optional<Failure> failure) {
    limit_.reset();
    if (failure) {
      end(std::move(failure));
    } else {
      transfer(lookup_->answer()->addresses.front().address);
    }
  });
}

void Exchange::transfer(const std::string& address) {
  if (auto refused = refusal_of_address(address)) {
    end(std::move(refused));
    return;
  }
  order_.request.address = address;
  measurement_.family = is_ipv6(address) ? Family::kIpv6 : Family::kIpv4;
  transfer_ = std::make_unique<HttpTransfer>(client_, recorder_);
  transfer_->start(order_.request, [this] { end(std::nullopt); });
}

// libcurl reads HTTP/2 until nothing is left, and without TLS nobody sees how much that is: a
// server that does not stop would hold every probe.
std::optional<Failure> Exchange::refusal_of_version() const {
  if (order_.request.url.tls || !needs_tls(order_.request.version)) return std::nullopt;
  return refuse(Cause::kUnsupported,
                fmt::format("HTTP/{} is asked over TLS only", to_string(order_.request.version)));
}

std::optional<Failure> Exchange::refusal_of_port() const {
  const HttpRequest& request = order_.request;
  const std::uint16_t port = request.port != 0 ? request.port : request.url.port;
  if (client_.policy().allows_port(port)) return std::nullopt;
  return refuse(Cause::kPortNotAllowed, client_.policy().refusal_of_port(port));
}

std::optional<Failure> Exchange::refusal_of_resolver() const {
  const auto& [ip, port] = order_.resolver;
  if (!order_.resolver_is_foreign || client_.policy().allows_resolver(ip, port)) {
    return std::nullopt;
  }
  return refuse(client_.policy().allows(ip) ? Cause::kPortNotAllowed : Cause::kAddressNotAllowed,
                client_.policy().refusal_of_resolver(ip, port));
}

std::optional<Failure> Exchange::refusal_of_address(const std::string& address) const {
  if (!is_of(order_.family, address)) {
    return refuse(Cause::kNoAddress,
                  fmt::format("{} is an IPv{} address, not an IPv{} one", address,
                              is_ipv6(address) ? 6 : 4, is_ipv6(address) ? 4 : 6));
  }
  if (!client_.policy().allows(address)) {
    return refuse(Cause::kAddressNotAllowed, client_.policy().refusal_of(address));
  }
  return std::nullopt;
}

void Exchange::end(std::optional<Failure> failure) {
  measurement_.failure = std::move(failure);
  loop_.post([self = self_] {
    if (*self == nullptr) return;
    if (const Done done = std::exchange((*self)->done_, nullptr)) done();
  });
}

// The one place where the measurement of an exchange is completed.
Exchange::Result Exchange::finish(std::optional<Failure> cut_short) {
  done_ = nullptr;
  limit_.reset();
  Result result;
  if (cut_short) measurement_.failure = std::move(cut_short);
  if (lookup_) measurement_.dns = lookup_->answer();
  if (transfer_) {
    HttpOutcome outcome = transfer_->outcome();
    result.redirect_to = std::move(outcome.redirect_to);
    take(std::move(outcome));
  }
  measurement_.timings = recorder_.finish(order_.clock);
  measurement_.self_check = check_self(recorder_, loop_);
  measurement_.reuse = reuse();
  check_version();
  result.measurement = std::move(measurement_);
  return result;
}

void Exchange::take(HttpOutcome outcome) {
  measurement_.status = outcome.status;
  measurement_.http_version = std::move(outcome.http_version);
  measurement_.remote = std::move(outcome.remote);
  measurement_.local = std::move(outcome.local);
  measurement_.tls = std::move(outcome.tls);
  measurement_.tcp = std::move(outcome.tcp);
  measurement_.headers = std::move(outcome.headers);
  measurement_.headers_truncated = outcome.headers_truncated;
  measurement_.body_bytes = outcome.body_bytes;
  measurement_.body_truncated = outcome.body_truncated;
  if (!measurement_.failure) measurement_.failure = std::move(outcome.failure);
}

// What it had from the one before, which may be less than was asked for: the server may have
// forgotten the session, or closed the connection.
Reuse Exchange::reuse() const {
  const Reuse asked = order_.request.reuse;
  if (asked == Reuse::kCold || !measurement_.timings.span(Phase::kWait)) return asked;
  if (asked == Reuse::kWarm && !measurement_.timings.span(Phase::kConnect)) return Reuse::kWarm;
  return measurement_.tls && measurement_.tls->resumed ? Reuse::kResumed : Reuse::kCold;
}

// An answer in another version than the chosen one, or what becomes of a server that has none.
void Exchange::check_version() {
  const HttpVersion asked = order_.request.version;
  std::optional<Failure>& failure = measurement_.failure;
  if (asked == HttpVersion::kAuto) return;
  const auto fail = [&](Phase phase, std::string message) {
    failure = Failure{phase, Origin::kTarget, Cause::kProtocol, std::move(message)};
  };
  if (!failure) {
    if (measurement_.http_version == to_string(asked)) return;
    fail(Phase::kWait, fmt::format("the server answered in HTTP/{}, not in HTTP/{}",
                                   measurement_.http_version, to_string(asked)));
  } else if (failure->tls_alert == kNoApplicationProtocol) {
    fail(Phase::kTls, fmt::format("the server does not speak HTTP/{}", to_string(asked)));
  }
}

}  // namespace firstbyte::agent
