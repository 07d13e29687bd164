// A real Prober on a thread of its own, a DNS server to ask, and a place where its results arrive.
#pragma once

#include <curl/curl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "agent/probe/prober.h"
#include "proto/codec.h"
#include "tests/fakes/dns_server.h"
#include "tests/fakes/nginx_server.h"
#include "tests/fakes/scripted_server.h"

namespace firstbyte::agent {

// Servers of a test listen wherever there is a port free.
inline AddressPolicy allowing(std::vector<std::string> networks) {
  std::vector<Network> allowed;
  for (const std::string& network : networks) allowed.push_back(parse_network(network).value());
  return AddressPolicy(std::move(allowed), AddressPolicy::Ports::any());
}

class ProberFixture : public testing::Test {
 protected:
  using Millis = std::chrono::milliseconds;
  struct Step {
    std::string test_id;
    Phase phase;
    Micros elapsed;
  };

  // Far longer than anything here takes; a probe that needs it has hung.
  static constexpr std::chrono::seconds kHung{60};
  // What one gets that is to run out of time.
  static constexpr Millis kShort{150};
  // What a probe gets whose time is not the point.
  static constexpr Millis kPlenty{20'000};

  static void SetUpTestSuite() { curl_global_init(CURL_GLOBAL_DEFAULT); }

  // Before the first probe, for whatever differs from the usual.
  void trust(std::string ca_file) { ca_file_ = std::move(ca_file); }
  void set_policy(AddressPolicy policy) { policy_ = std::move(policy); }
  void set_max_running(std::size_t count) { options_.max_running = count; }
  // Called on the prober's own thread for each step.
  void on_step(std::function<void(const Step&)> act) { act_ = std::move(act); }
  void set_resolver(std::uint16_t port, std::string ip = "127.0.0.1") {
    options_.resolver = {std::move(ip), port};
  }

  void start(ProbeOrder order) { prober().start(std::move(order)); }
  void start(std::string test_id, std::string url, Millis timeout = kPlenty) {
    start({.test_id = std::move(test_id), .target = {.url = std::move(url), .timeout = timeout}});
  }

  // As the collector's word does it; also from a server's thread.
  void cancel(std::string test_id) {
    prober().loop().post(
        [this, test_id = std::move(test_id)] { prober().engine().cancel(test_id); });
  }

  Measurement probe(Target target) {
    start({.test_id = "test", .target = std::move(target)});
    return next();
  }

  Measurement probe(std::string url, Millis timeout = kPlenty) {
    start("test", std::move(url), timeout);
    return next();
  }

  // The next result. Whatever an agent measures, the collector must be able to take.
  Measurement next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kHung, [&] { return !results_.empty(); })) {
      throw std::runtime_error("the probe hangs");
    }
    Measurement measurement = std::move(results_.front());
    results_.pop_front();
    lock.unlock();

    v1::Measurement message;
    EXPECT_TRUE(message.ParseFromString(encode(measurement).SerializeAsString()));
    const auto decoded = decode(message);
    EXPECT_TRUE(decoded) << decoded.error().message;
    if (decoded) {
      EXPECT_EQ(*decoded, measurement);
    }
    return measurement;
  }

  void wait_for_step(const std::string& test_id, Phase phase) {
    std::unique_lock lock(mutex_);
    const auto is_it = [&](const Step& step) {
      return step.test_id == test_id && step.phase == phase;
    };
    if (!changed_.wait_for(lock, kHung, [&] { return std::ranges::any_of(steps_, is_it); })) {
      throw std::runtime_error("the step never came");
    }
  }

  std::vector<Step> steps() {
    const std::lock_guard lock(mutex_);
    return steps_;
  }

  Prober& prober() {
    if (!prober_) {
      if (options_.resolver.ip.empty()) set_resolver(dns_.port());
      if (ca_file_.empty()) {
        folder_.emplace();
        ca_file_ = fakes::CertificateAuthority(*folder_).ca_file();
      }
      prober_.emplace(
          system_clock(), TrustStore::load(ca_file_).value(), policy_, options_,
          [this](const std::string& test_id, Phase phase, Micros elapsed) {
            if (act_) act_({test_id, phase, elapsed});
            const std::lock_guard lock(mutex_);
            steps_.push_back({test_id, phase, elapsed});
            changed_.notify_all();
          },
          [this](Measurement measurement) {
            const std::lock_guard lock(mutex_);
            results_.push_back(std::move(measurement));
            changed_.notify_all();
          });
    }
    return *prober_;
  }

  fakes::DnsServer dns_;

 private:
  std::optional<fakes::TempDir> folder_;
  std::string ca_file_;
  AddressPolicy policy_ = allowing({"127.0.0.0/8"});
  ProbeEngine::Options options_;
  std::function<void(const Step&)> act_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Measurement> results_;
  std::vector<Step> steps_;
  std::optional<Prober> prober_;
};

inline void expect_failure(const Measurement& measurement, std::optional<Phase> phase,
                           Origin origin, Cause cause) {
  ASSERT_TRUE(measurement.failure);
  EXPECT_EQ(measurement.failure->phase, phase);
  EXPECT_EQ(to_string(measurement.failure->origin), to_string(origin));
  EXPECT_EQ(to_string(measurement.failure->cause), to_string(cause));
  EXPECT_FALSE(measurement.failure->message.empty());
}

// Which phases there are, in words.
inline std::string phases_of(const Measurement& measurement) {
  std::string words;
  for (const Phase phase : kPhases) {
    if (!measurement.timings.span(phase)) continue;
    words += words.empty() ? "" : " ";
    words += to_string(phase);
  }
  return words;
}

inline std::optional<std::string> header(const Measurement& measurement, std::string_view name) {
  for (const auto& [key, value] : measurement.headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace firstbyte::agent
