// A collector's end of the stream that does as a test tells it, and keeps all that agents sent. One
// agent at a time. Thread-safe.
#pragma once

#include <fmt/format.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "firstbyte/v1/agent.grpc.pb.h"
#include "proto/codec.h"

namespace firstbyte::fakes {

class FakeCollector final : private v1::AgentGateway::Service {
 public:
  using Results = std::map<std::uint64_t, v1::SequencedResult>;

  FakeCollector() { listen(); }
  ~FakeCollector() override { stop(); }
  FakeCollector(const FakeCollector&) = delete;
  FakeCollector& operator=(const FakeCollector&) = delete;

  int port() const { return port_; }
  // On the same port as before, if there was one.
  void listen() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(fmt::format("127.0.0.1:{}", port_), grpc::InsecureServerCredentials(),
                             &port_);
    builder.SetMaxReceiveMessageSize(8 * 1024 * 1024);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  // Ends all streams.
  void stop() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_ = nullptr;
  }

  // What a welcome says of a boot; without it, what came of it so far.
  void say_committed(std::function<std::uint64_t(std::uint64_t boot)> committed) {
    MutexLock lock(mutex_);
    committed_ = std::move(committed);
  }
  // The highest sequence of a boot that a welcome tells of; without it, what is committed.
  void say_highest(std::function<std::uint64_t(std::uint64_t boot)> highest) {
    MutexLock lock(mutex_);
    highest_ = std::move(highest);
  }
  // What is acknowledged when a batch that ends with this sequence has come; by default just that.
  void acknowledge(std::function<std::optional<std::uint64_t>(std::uint64_t)> choose) {
    MutexLock lock(mutex_);
    acknowledge_ = std::move(choose);
  }
  void send(const v1::CollectorMessage& message) {
    MutexLock lock(mutex_);
    if (stream_ != nullptr) stream_->Write(message);
  }
  void order(const std::string& test_id, const std::string& url) {
    v1::CollectorMessage message;
    *message.mutable_order() = encode(ProbeOrder{.test_id = test_id, .target = {.url = url}});
    send(message);
  }

  // By boot, and by sequence.
  std::map<std::uint64_t, Results> results() const {
    MutexLock lock(mutex_);
    return results_;
  }
  Results results(std::uint64_t boot) const {
    MutexLock lock(mutex_);
    const auto found = results_.find(boot);
    return found == results_.end() ? Results{} : found->second;
  }
  std::size_t count() const {
    MutexLock lock(mutex_);
    std::size_t count = 0;
    for (const auto& [boot, results] : results_) count += results.size();
    return count;
  }
  // Each sequence in the order it came, repeated ones too.
  std::vector<std::uint64_t> arrivals() const {
    MutexLock lock(mutex_);
    return arrivals_;
  }
  // Numbers that came a second time for something else.
  std::vector<std::string> contradictions() const {
    MutexLock lock(mutex_);
    return contradictions_;
  }
  std::vector<std::uint64_t> boots() const {
    MutexLock lock(mutex_);
    return boots_;
  }
  std::vector<SpoolStatus> statuses() const {
    MutexLock lock(mutex_);
    return statuses_;
  }
  std::vector<v1::ClockPong> pongs() const {
    MutexLock lock(mutex_);
    return pongs_;
  }
  int goodbyes() const {
    MutexLock lock(mutex_);
    return goodbyes_;
  }
  bool is_connected() const {
    MutexLock lock(mutex_);
    return stream_ != nullptr;
  }

 private:
  using Stream = grpc::ServerReaderWriter<v1::CollectorMessage, v1::AgentMessage>;

  grpc::Status Connect(grpc::ServerContext*, Stream* stream) override {
    v1::AgentMessage message;
    std::uint64_t boot = 0;
    while (stream->Read(&message)) {
      MutexLock lock(mutex_);
      switch (message.body_case()) {
        case v1::AgentMessage::kHello:
          boot = message.hello().boot();
          boots_.push_back(boot);
          welcome(stream, boot);
          break;
        case v1::AgentMessage::kResults:
          for (const auto& result : message.results().results()) take(boot, result);
          answer(stream, message.results().results().rbegin()->sequence());
          break;
        case v1::AgentMessage::kStatus:
          statuses_.push_back(decode(message.status()).value());
          break;
        case v1::AgentMessage::kClockPong:
          pongs_.push_back(message.clock_pong());
          break;
        case v1::AgentMessage::kGoodbye:
          ++goodbyes_;
          break;
        default:
          break;
      }
    }
    MutexLock lock(mutex_);
    if (stream_ == stream) stream_ = nullptr;
    return grpc::Status::OK;
  }

  void welcome(Stream* stream, std::uint64_t boot) REQUIRES(mutex_) {
    stream_ = stream;
    const auto& known = results_[boot];
    const std::uint64_t last = known.empty() ? 0 : known.rbegin()->first;
    v1::CollectorMessage message;
    const std::uint64_t committed = committed_ ? committed_(boot) : last;
    message.mutable_welcome()->set_committed_sequence(committed);
    message.mutable_welcome()->set_highest_sequence(highest_ ? highest_(boot) : committed);
    stream->Write(message);
  }
  void take(std::uint64_t boot, const v1::SequencedResult& result) REQUIRES(mutex_) {
    arrivals_.push_back(result.sequence());
    const auto [known, fresh] = results_[boot].try_emplace(result.sequence(), result);
    if (!fresh && known->second.SerializeAsString() != result.SerializeAsString()) {
      contradictions_.push_back(fmt::format("boot {} sequence {}", boot, result.sequence()));
    }
  }
  void answer(Stream* stream, std::uint64_t last) REQUIRES(mutex_) {
    const auto sequence = acknowledge_ ? acknowledge_(last) : last;
    if (!sequence) return;
    v1::CollectorMessage message;
    message.mutable_acknowledgement()->set_sequence(*sequence);
    stream->Write(message);
  }

  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;

  mutable Mutex mutex_;
  Stream* stream_ GUARDED_BY(mutex_) = nullptr;
  std::function<std::uint64_t(std::uint64_t)> committed_ GUARDED_BY(mutex_);
  std::function<std::uint64_t(std::uint64_t)> highest_ GUARDED_BY(mutex_);
  std::function<std::optional<std::uint64_t>(std::uint64_t)> acknowledge_ GUARDED_BY(mutex_);
  std::map<std::uint64_t, Results> results_ GUARDED_BY(mutex_);
  std::vector<std::uint64_t> arrivals_ GUARDED_BY(mutex_);
  std::vector<std::string> contradictions_ GUARDED_BY(mutex_);
  std::vector<std::uint64_t> boots_ GUARDED_BY(mutex_);
  std::vector<SpoolStatus> statuses_ GUARDED_BY(mutex_);
  std::vector<v1::ClockPong> pongs_ GUARDED_BY(mutex_);
  int goodbyes_ GUARDED_BY(mutex_) = 0;
};

}  // namespace firstbyte::fakes
