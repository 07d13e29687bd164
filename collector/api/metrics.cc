#include "collector/api/metrics.h"

#include <prometheus/text_serializer.h>

#include <sstream>

namespace firstbyte::collector {
namespace {

using Buckets = prometheus::Histogram::BucketBoundaries;

// Seconds: an answer from memory takes well under a millisecond, one that waits for a commit a few.
const Buckets kRequestBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5};
const Buckets kCommitBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5};

}  // namespace

Metrics::Metrics()
    : requests_(prometheus::BuildCounter()
                    .Name("firstbyte_http_requests_total")
                    .Help("Requests answered, by route, method and status")
                    .Register(registry_)),
      request_seconds_(prometheus::BuildHistogram()
                           .Name("firstbyte_http_request_duration_seconds")
                           .Help("From a request read to its answer handed to the kernel")
                           .Register(registry_)),
      commit_seconds_(prometheus::BuildHistogram()
                          .Name("firstbyte_store_commit_duration_seconds")
                          .Help("One group of writes, from begin to durable")
                          .Register(registry_)
                          .Add({}, kCommitBuckets)),
      tests_(prometheus::BuildCounter()
                 .Name("firstbyte_tests_total")
                 .Help("On-demand tests started")
                 .Register(registry_)
                 .Add({})) {
  prometheus::BuildGauge()
      .Name("firstbyte_build_info")
      .Help("Always 1; the labels say what runs")
      .Register(registry_)
      .Add({{"version", FIRSTBYTE_VERSION}})
      .Set(1);
}

void Metrics::add_counter(const std::string& name, const std::string& help,
                          std::function<std::uint64_t()> read) {
  MutexLock lock(mutex_);
  readings_.push_back(
      {name, help, true, [read = std::move(read)] { return static_cast<double>(read()); }});
}

void Metrics::add_gauge(const std::string& name, const std::string& help,
                        std::function<double()> read) {
  MutexLock lock(mutex_);
  readings_.push_back({name, help, false, std::move(read)});
}

void Metrics::add_families(std::function<std::vector<prometheus::MetricFamily>()> read) {
  MutexLock lock(mutex_);
  families_.push_back(std::move(read));
}

void Metrics::count_request(std::string_view route, std::string_view method, unsigned status,
                            double seconds) {
  const std::string route_label(route);
  requests_
      .Add({{"route", route_label},
            {"method", std::string(method)},
            {"status", std::to_string(status)}})
      .Increment();
  request_seconds_.Add({{"route", route_label}}, kRequestBuckets).Observe(seconds);
}

void Metrics::observe_commit(double seconds) { commit_seconds_.Observe(seconds); }

void Metrics::count_test() { tests_.Increment(); }

std::vector<prometheus::MetricFamily> Metrics::readings() const {
  std::vector<prometheus::MetricFamily> families;
  MutexLock lock(mutex_);
  for (const Reading& reading : readings_) {
    prometheus::ClientMetric metric;
    prometheus::MetricFamily family{reading.name, reading.help, prometheus::MetricType::Gauge, {}};
    if (reading.is_counter) {
      family.type = prometheus::MetricType::Counter;
      metric.counter.value = reading.read();
    } else {
      metric.gauge.value = reading.read();
    }
    family.metric.push_back(metric);
    families.push_back(std::move(family));
  }
  for (const auto& read : families_) {
    for (prometheus::MetricFamily& family : read()) families.push_back(std::move(family));
  }
  return families;
}

std::string Metrics::scrape() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (prometheus::MetricFamily& family : readings()) families.push_back(std::move(family));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace firstbyte::collector
