#include "agent/probe/headline.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace firstbyte::agent {
namespace {

void bound_headers(Measurement& measurement, std::size_t& left) {
  std::size_t bytes = 0;
  for (const auto& [name, value] : measurement.headers) bytes += name.size() + value.size();
  if (bytes > left) {
    measurement.headers.clear();
    measurement.headers_truncated = true;
  } else {
    left -= bytes;
  }
  for (Measurement& part : measurement.redirects) bound_headers(part, left);
  for (Measurement& part : measurement.samples) bound_headers(part, left);
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

void bound_headers(Measurement& measurement) {
  std::size_t left = kMaxAllHeaderBytes;
  bound_headers(measurement, left);
}

}  // namespace firstbyte::agent
