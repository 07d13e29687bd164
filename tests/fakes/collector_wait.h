// Waiting for what another thread or process does: on a condition, with a limit.
#pragma once

#include <chrono>
#include <thread>

namespace firstbyte::fakes {

inline constexpr std::chrono::seconds kPatience{10};

// Whether the condition came true in time.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = kPatience) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

}  // namespace firstbyte::fakes
