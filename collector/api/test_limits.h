// How many on-demand tests a client may ask for, a target may be asked, and all may ask for
// together. A network of probes that anyone can aim without a bound is a weapon.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/api/http.h"
#include "collector/api/token_buckets.h"
#include "common/clock.h"
#include "common/ip_address.h"
#include "common/mutex.h"
#include "common/target.h"

namespace firstbyte::collector {

// Samples a minute, and as many at once; 0: no limit. The defaults let a person with fourteen
// agents press the button 21 times a minute.
struct TestLimitRates {
  std::int64_t per_client = 300;  // an IPv4 address, or an IPv6 network of 64 bits
  std::int64_t per_target = 600;  // a host, or the address dialled or asked instead
  std::int64_t in_total = 3000;
};

// What a test costs: a sample is a connection that somebody's server has to carry, so it is
// its cities times its samples, of both families where both are asked for.
std::int64_t cost_of(const Target& target, std::size_t cities);

// Thread-safe.
class TestLimits {
 public:
  TestLimits(const TestLimitRates& rates, const Clock& clock);

  // Takes what a test of `cost` costs from all three buckets, or from none. What it gives is the
  // tightest bucket's state as headers of the answer; an error is the problem to answer with, 429
  // when waiting helps and 400 when the test is larger than a limit.
  using Headers = std::vector<std::pair<std::string, std::string>>;
  std::expected<Headers, HttpResponse> take(const IpAddress& client, const Target& target,
                                            std::int64_t cost) EXCLUDES(mutex_);

 private:
  // A limit, and whose bucket of it is asked.
  struct Claim {
    TokenBuckets* buckets;
    std::string key;
    std::string_view slug;   // of the problem's type
    std::string who;         // the sentence's subject
    std::string_view field;  // of the request, or empty
  };
  std::vector<Claim> claims(const IpAddress& client, const Target& target) REQUIRES(mutex_);
  static std::string sentence(const Claim& claim, std::int64_t cost);
  HttpResponse refusal(const Claim& claim, std::int64_t cost, MonotonicTime now) REQUIRES(mutex_);

  const Clock& clock_;
  Mutex mutex_;
  std::optional<TokenBuckets> clients_ GUARDED_BY(mutex_);
  std::optional<TokenBuckets> targets_ GUARDED_BY(mutex_);
  std::optional<TokenBuckets> total_ GUARDED_BY(mutex_);
};

}  // namespace firstbyte::collector
