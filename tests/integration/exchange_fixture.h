// Single exchanges of the real HTTP client, one after the other on the same one.
#pragma once

#include <curl/curl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "agent/probe/http_transfer.h"
#include "tests/fakes/nginx_server.h"
#include "tests/fakes/scripted_server.h"

namespace firstbyte::agent {

// What one exchange left behind.
struct Exchanged {
  HttpOutcome outcome;
  Timings timings;

  std::optional<std::string> header(std::string_view name) const {
    for (const auto& [key, value] : outcome.headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }

  // Which phases there are, in words; those that the kernel saw with a star.
  std::string phases() const {
    std::string words;
    for (const Phase phase : kPhases) {
      const auto& span = timings.span(phase);
      if (!span) continue;
      words += words.empty() ? "" : " ";
      words += to_string(phase);
      if (span->clock == Span::Clock::kKernel) words += "*";
    }
    return words;
  }
};

// An HttpClient on a loop in a thread of its own.
class RunningClient {
 public:
  explicit RunningClient(const std::string& ca_file, HttpClient::Keep keep)
      : client_(loop_, TrustStore::load(ca_file).value(),
                AddressPolicy({parse_network("127.0.0.0/8").value()}), keep),
        thread_([this] { loop_.run(); }) {}
  ~RunningClient() {
    loop_.stop();
    thread_.join();
  }
  RunningClient(const RunningClient&) = delete;
  RunningClient& operator=(const RunningClient&) = delete;

  Exchanged exchange(std::string_view url, Reuse reuse) {
    const HttpRequest request{
        .url = parse_target_url(url).value(), .address = "127.0.0.1", .reuse = reuse};
    std::promise<Exchanged> promise;
    std::future<Exchanged> done = promise.get_future();
    loop_.post([&] {
      recorder_.emplace(loop_.clock());
      transfer_ = std::make_unique<HttpTransfer>(client_, *recorder_);
      transfer_->start(request, [&] {
        HttpOutcome outcome = transfer_->outcome();
        transfer_.reset();
        promise.set_value({std::move(outcome), recorder_->finish()});
      });
    });
    // Far longer than anything here takes.
    if (done.wait_for(std::chrono::seconds{60}) != std::future_status::ready) {
      throw std::runtime_error("the exchange hangs");
    }
    return done.get();
  }

 private:
  EventLoop loop_{system_clock()};
  HttpClient client_;
  std::optional<PhaseRecorder> recorder_;
  std::unique_ptr<HttpTransfer> transfer_;
  std::thread thread_;
};

}  // namespace firstbyte::agent
