// The collector's own figures for Prometheus. Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/mutex.h"

namespace firstbyte::collector {

class Metrics {
 public:
  Metrics();

  // Read anew for each scrape; `help` and `name` as Prometheus shows them. What they read must
  // outlive the last scrape.
  void add_counter(const std::string& name, const std::string& help,
                   std::function<std::uint64_t()> read) EXCLUDES(mutex_);
  void add_gauge(const std::string& name, const std::string& help, std::function<double()> read)
      EXCLUDES(mutex_);
  // The same for families whose labels come and go.
  void add_families(std::function<std::vector<prometheus::MetricFamily>()> read) EXCLUDES(mutex_);

  void count_request(std::string_view route, std::string_view method, unsigned status,
                     double seconds);
  void observe_commit(double seconds);
  void count_test();

  // The text exposition format.
  std::string scrape() const;

 private:
  struct Reading {
    std::string name;
    std::string help;
    bool is_counter;
    std::function<double()> read;
  };
  std::vector<prometheus::MetricFamily> readings() const EXCLUDES(mutex_);

  mutable Mutex mutex_;
  std::vector<Reading> readings_ GUARDED_BY(mutex_);
  std::vector<std::function<std::vector<prometheus::MetricFamily>()>> families_ GUARDED_BY(mutex_);
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& request_seconds_;
  prometheus::Histogram& commit_seconds_;
  prometheus::Counter& tests_;
};

}  // namespace firstbyte::collector
