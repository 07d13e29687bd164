// What is spooled as a message to the collector.
#pragma once

#include <cstdint>
#include <optional>

#include "agent/spool/sqlite_spool.h"
#include "firstbyte/v1/agent.pb.h"

namespace firstbyte::agent {

struct ResultBatch {
  v1::AgentMessage message;
  std::uint64_t last = 0;  // its last sequence
};

// What follows `sequence`, oldest first: up to 50 results and gaps, and up to a mebibyte of them,
// but a result that is larger by itself alone. Absent when nothing does. May wait for the disk.
std::optional<ResultBatch> read_batch(SqliteSpool& spool, std::uint64_t boot,
                                      std::uint64_t sequence, WallTime now);

// Results of tests that are not among the next after `sequence`, before their turn. Absent when
// there are none. May wait for the disk.
std::optional<ResultBatch> read_ahead(SqliteSpool& spool, std::uint64_t boot,
                                      std::uint64_t sequence, WallTime now);

// How many results and gaps a batch has at most.
inline constexpr std::size_t kMostInBatch = 50;

}  // namespace firstbyte::agent
