#include "agent/spool/record.h"

#include <spdlog/spdlog.h>

#include "proto/codec.h"

namespace firstbyte::agent {

EncodedResult encode_result(const Measurement& measurement) {
  v1::Measurement message = encode(measurement);
  if (message.ByteSizeLong() > kMaxResultBytes) {
    spdlog::warn("a result of {} bytes goes without its samples: the collector takes up to {}",
                 message.ByteSizeLong(), kMaxResultBytes);
    message.clear_samples();
  }
  return {measurement.measured_at, message.SerializeAsString(), measurement.slot};
}

std::size_t memory_of(const Measurement& measurement) {
  std::size_t bytes = sizeof(Measurement) + measurement.url.size();
  for (const auto& [name, value] : measurement.headers) {
    bytes += 2 * sizeof(std::string) + name.size() + value.size();
  }
  if (measurement.dns) {
    bytes += measurement.dns->addresses.size() * sizeof(ResolvedAddress);
    for (const std::string& cname : measurement.dns->cnames) {
      bytes += sizeof(std::string) + cname.size();
    }
  }
  for (const auto* inner : {&measurement.redirects, &measurement.samples}) {
    for (const Measurement& one : *inner) bytes += memory_of(one);
  }
  return bytes;
}

}  // namespace firstbyte::agent
