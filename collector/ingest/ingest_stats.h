// Figures of the ingest since it started.
#pragma once

#include <atomic>
#include <cstdint>

namespace firstbyte::collector {

struct IngestStats {
  std::atomic<std::uint64_t> results{0};   // taken in, doubled ones included
  std::atomic<std::uint64_t> rejected{0};  // broke the protocol's bounds; stored as failures
  std::atomic<std::uint64_t> refused{0};   // agents that were sent away
};

}  // namespace firstbyte::collector
