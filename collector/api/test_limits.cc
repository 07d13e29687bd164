#include "collector/api/test_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "common/endpoint.h"
#include "common/target_url.h"

namespace firstbyte::collector {
namespace {

std::optional<TokenBuckets> buckets_of(std::int64_t per_minute) {
  if (per_minute == 0) return std::nullopt;
  return std::optional<TokenBuckets>(std::in_place, per_minute);
}

// Whoever has an IPv6 address has at least 2^64 of them (RFC 6177).
std::string client_key(IpAddress client) {
  if (client.v4) return to_string(client);
  std::fill(client.bytes.begin() + 8, client.bytes.end(), std::uint8_t{0});
  return to_string(client) + "/64";
}

// Everyone whom the agents will send packets to: who is dialled, and a resolver of the test's own.
// Where redirects lead is the target's doing, and counts for the client.
std::vector<std::string> target_keys(const Target& target) {
  std::vector<std::string> keys;
  if (target.connect_to) {
    keys.push_back(target.connect_to->ip);
  } else {
    const Expected<TargetUrl> url = parse_target_url(target.url);
    std::string host = url ? url->host : target.url;
    if (host.ends_with('.')) host.pop_back();
    // One address may be written in many ways.
    if (const auto address = parse_endpoint(host)) host = address->ip;
    keys.push_back(std::move(host));
  }
  if (target.resolver && target.resolver->ip != keys.front()) keys.push_back(target.resolver->ip);
  return keys;
}

// Never zero: who comes back at once would be refused again.
std::int64_t whole_seconds(std::chrono::nanoseconds time) {
  return std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(time).count(), 1);
}

TestLimits::Headers state_of(const TokenBuckets& buckets, const TokenBuckets::Level& level) {
  return {{"X-RateLimit-Limit", std::to_string(buckets.per_minute())},
          {"X-RateLimit-Remaining", std::to_string(level.remaining)},
          {"X-RateLimit-Reset",
           std::to_string(std::chrono::ceil<std::chrono::seconds>(level.full_in).count())}};
}

}  // namespace

std::int64_t cost_of(const Target& target, std::size_t cities) {
  const std::int64_t families = target.family == Family::kBoth ? 2 : 1;
  return static_cast<std::int64_t>(cities) * target.samples * families;
}

TestLimits::TestLimits(const TestLimitRates& rates, const Clock& clock)
    : clock_(clock),
      clients_(buckets_of(rates.per_client)),
      targets_(buckets_of(rates.per_target)),
      total_(buckets_of(rates.in_total)) {}

std::vector<TestLimits::Claim> TestLimits::claims(const IpAddress& client, const Target& target) {
  std::vector<Claim> claims;
  if (clients_) {
    const std::string key = client_key(client);
    claims.push_back({&*clients_, key, "client-limit", fmt::format("a client ({})", key), {}});
  }
  if (targets_) {
    for (const std::string& key : target_keys(target)) {
      claims.push_back(
          {&*targets_, key, "target-limit", fmt::format("a target ({})", key), "/url"});
    }
  }
  if (total_) claims.push_back({&*total_, {}, "total-limit", "this collector", {}});
  return claims;
}

std::string TestLimits::sentence(const Claim& claim, std::int64_t cost) {
  return fmt::format("{} gets at most {} samples a minute, and this test has {}", claim.who,
                     claim.buckets->per_minute(), cost);
}

HttpResponse TestLimits::refusal(const Claim& claim, std::int64_t cost, MonotonicTime now) {
  const TokenBuckets& buckets = *claim.buckets;
  const std::int64_t seconds = whole_seconds(buckets.wait(claim.key, cost, now));
  HttpResponse response =
      problem(429, claim.slug, "Too many tests",
              fmt::format("{}; try again in {} s", sentence(claim, cost), seconds), claim.field);
  response.headers = state_of(buckets, buckets.level(claim.key, now));
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

std::expected<TestLimits::Headers, HttpResponse> TestLimits::take(const IpAddress& client,
                                                                  const Target& target,
                                                                  std::int64_t cost) {
  MutexLock lock(mutex_);
  const MonotonicTime now = clock_.now();
  const std::vector<Claim> asked = claims(client, target);
  if (asked.empty()) return Headers{};
  const auto exceeded = std::ranges::find_if(
      asked, [&](const Claim& claim) { return cost > claim.buckets->per_minute(); });
  if (exceeded != asked.end()) {
    return std::unexpected(problem(400, exceeded->slug, "The test is too large",
                                   sentence(*exceeded, cost) + "; ask for fewer", exceeded->field));
  }
  const auto wait = [&](const Claim& claim) { return claim.buckets->wait(claim.key, cost, now); };
  const auto longest = std::ranges::max_element(asked, {}, wait);
  if (wait(*longest) > std::chrono::nanoseconds::zero()) {
    return std::unexpected(refusal(*longest, cost, now));
  }
  for (const Claim& claim : asked) claim.buckets->take(claim.key, cost, now);
  const auto level = [&](const Claim& claim) { return claim.buckets->level(claim.key, now); };
  const auto tightest = std::ranges::min_element(
      asked, {}, [&](const Claim& claim) { return level(claim).remaining; });
  return state_of(*tightest->buckets, level(*tightest));
}

}  // namespace firstbyte::collector
