#include "agent/probe/own_addresses.h"

#include <ifaddrs.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace firstbyte::agent {
namespace {

// To ask the kernel for a thousand addresses takes a millisecond, of a probe's time.
constexpr std::chrono::seconds kFresh{1};

}  // namespace

std::optional<std::vector<IpAddress>> read_own_addresses() {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return std::nullopt;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> owned(list, freeifaddrs);
  std::vector<IpAddress> addresses;
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    if (const auto address = address_of(entry->ifa_addr)) addresses.push_back(*address);
  }
  return addresses;
}

OwnAddresses::OwnAddresses(const Clock& clock, Read read)
    : clock_(&clock), read_(std::move(read)) {}

bool OwnAddresses::contains(const IpAddress& address) {
  const MonotonicTime now = clock_->now();
  if (!read_at_ || now - *read_at_ >= kFresh) {
    if (auto read = read_()) {
      known_ = *std::move(read);
      std::ranges::sort(known_);
      read_at_ = now;
    }
  }
  return !are_known() || std::ranges::binary_search(known_, address);
}

}  // namespace firstbyte::agent
