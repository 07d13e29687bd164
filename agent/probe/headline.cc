#include "agent/probe/headline.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace firstbyte::agent {
namespace {

// Bytes that may still be kept.
struct Room {
  std::size_t headers = kMaxAllHeaderBytes;
  std::size_t dns = kMaxAllDnsBytes;
};

void bound_headers(Measurement& measurement, Room& room) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : measurement.headers) bytes += name.size() + value.size();
  if (bytes <= room.headers) {
    room.headers -= bytes;
    return;
  }
  measurement.headers.clear();
  measurement.headers_truncated = true;
}

void bound_records(DnsAnswer& dns, Room& room) {
  const std::size_t bytes = record_bytes(dns);
  if (bytes <= room.dns) {
    room.dns -= bytes;
    return;
  }
  dns.omitted += static_cast<std::uint32_t>(dns.addresses.size() + dns.cnames.size());
  dns.addresses.clear();
  dns.cnames.clear();
}

void bound_parts(Measurement& measurement, Room& room) {
  bound_headers(measurement, room);
  if (measurement.dns) bound_records(*measurement.dns, room);
  for (Measurement& part : measurement.redirects) bound_parts(part, room);
  for (Measurement& part : measurement.samples) bound_parts(part, room);
}

}  // namespace

const Measurement& headline_of(const std::vector<Measurement>& samples) {
  const auto failed = std::ranges::find_if(
      samples, [](const Measurement& sample) { return sample.failure.has_value(); });
  if (failed != samples.end()) return *failed;
  // In their order where they took the same time.
  std::vector<std::pair<std::optional<Micros>, const Measurement*>> by_ttfb;
  by_ttfb.reserve(samples.size());
  for (const Measurement& sample : samples) by_ttfb.emplace_back(sample.timings.ttfb(), &sample);
  std::ranges::sort(by_ttfb);
  return *by_ttfb[(by_ttfb.size() - 1) / 2].second;
}

void bound_parts(Measurement& measurement) {
  Room room;
  bound_parts(measurement, room);
}

}  // namespace firstbyte::agent
