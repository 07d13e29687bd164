// What was sent and is not acknowledged yet: how much of it there may be. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

namespace firstbyte::agent {

class InFlight {
 public:
  // More would only wait in the collector's memory; with a round trip of 300 ms this is still 3,000
  // results a second.
  static constexpr std::uint64_t kMostRecords = 1000;
  static constexpr std::size_t kMostBytes = 4 * 1024 * 1024;

  // Everything up to `sequence` is with the collector.
  explicit InFlight(std::uint64_t sequence = 0) : sent_(sequence), acknowledged_(sequence) {}

  bool is_open() const { return sent_ - acknowledged_ < kMostRecords && bytes_ < kMostBytes; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

  void sent(std::uint64_t sequence, std::size_t bytes) {
    sent_ = sequence;
    bytes_ += bytes;
    batches_.emplace_back(sequence, bytes);
  }
  // False for an acknowledgement of what was never sent, which changes nothing.
  [[nodiscard]] bool acknowledge(std::uint64_t sequence) {
    if (sequence > sent_) return false;
    if (sequence > acknowledged_) acknowledged_ = sequence;
    while (!batches_.empty() && batches_.front().first <= sequence) {
      bytes_ -= batches_.front().second;
      batches_.pop_front();
    }
    return true;
  }

 private:
  std::uint64_t sent_;
  std::uint64_t acknowledged_;
  std::size_t bytes_ = 0;
  std::deque<std::pair<std::uint64_t, std::size_t>> batches_;  // the last of each, its bytes
};

}  // namespace firstbyte::agent
