// The addresses of this host's own interfaces. What listens there may trust whoever comes from the
// host itself, and on a public address as much as on a private one.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "common/clock.h"
#include "common/ip_address.h"

namespace firstbyte::agent {

// Of all interfaces of the network namespace, whether they are up or not. Nothing when the kernel
// does not tell.
std::optional<std::vector<IpAddress>> read_own_addresses();

// One thread at a time.
class OwnAddresses {
 public:
  using Read = std::function<std::optional<std::vector<IpAddress>>()>;

  // Nothing is looked up before it is asked for. The clock must outlive it and its copies.
  explicit OwnAddresses(const Clock& clock = system_clock(), Read read = read_own_addresses);

  // As of a second ago at most; when the kernel does not tell, as of when it last did. True of any
  // address as long as it has never told: whoever cannot tell does not aim at it.
  bool contains(const IpAddress& address);
  bool are_known() const { return read_at_.has_value(); }

 private:
  const Clock* clock_;
  Read read_;
  std::vector<IpAddress> known_;  // sorted
  std::optional<MonotonicTime> read_at_;
};

}  // namespace firstbyte::agent
