#include "tests/bench/simulated_agent.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <utility>

#include "proto/codec.h"
#include "tests/bench/demo_results.h"

namespace firstbyte::bench {
namespace {

std::shared_ptr<grpc::Channel> connection_of_its_own(const std::string& collector) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(collector, grpc::InsecureChannelCredentials(), arguments);
}

void add_result(v1::ResultBatch& batch, std::uint64_t sequence, const std::string& test_id) {
  v1::SequencedResult* result = batch.add_results();
  result->set_sequence(sequence);
  *result->mutable_measurement() = encode(demo_result(sequence));
  result->mutable_measurement()->set_test_id(test_id);
}

std::uint64_t last_sequence(const v1::AgentMessage& message) {
  return message.results().results().rbegin()->sequence();
}

}  // namespace

SimulatedAgent::SimulatedAgent(const std::string& collector, AgentIdentity identity,
                               std::size_t backlog, const SendingPace& pace,
                               std::function<void()> on_drained)
    : identity_(std::move(identity)),
      pace_(pace),
      on_drained_(std::move(on_drained)),
      stub_(v1::AgentGateway::NewStub(connection_of_its_own(collector))) {
  MutexLock lock(mutex_);
  while (last_ < backlog) {
    v1::ResultBatch& batch = *results_.emplace_back().mutable_results();
    const std::uint64_t end = std::min<std::uint64_t>(last_ + pace_.batch, backlog);
    while (last_ < end) add_result(batch, ++last_, {});
  }
}

SimulatedAgent::~SimulatedAgent() {
  context_.TryCancel();
  MutexLock lock(mutex_);
  while (started_ && !done_) ended_.wait(mutex_);
}

void SimulatedAgent::start() {
  v1::AgentMessage message;
  *message.mutable_hello()->mutable_identity() = encode(identity_);
  message.mutable_hello()->set_version("0.1.0");
  message.mutable_hello()->set_boot(1);
  stub_->async()->Connect(&context_, this);
  AddHold();  // writes come from outside the reactions too
  StartRead(&incoming_);
  {
    MutexLock lock(mutex_);
    started_ = true;
    closed_ = false;
    urgent_.push_back(std::move(message));
    write_next();
  }
  StartCall();
}

std::string SimulatedAgent::failure() const {
  MutexLock lock(mutex_);
  return failure_;
}

void SimulatedAgent::OnReadDone(bool ok) {
  bool drained = false;
  {
    MutexLock lock(mutex_);
    if (!ok) {
      closed_ = true;
    } else if (incoming_.has_welcome()) {
      welcome_ = true;
    } else if (incoming_.has_order()) {
      take_order(incoming_.order().test_id());
    } else if (incoming_.has_clock_ping()) {
      take_ping(incoming_.clock_ping().collector_sent_us());
    } else if (incoming_.has_acknowledgement()) {
      drained = acknowledge(incoming_.acknowledgement().sequence());
    }
    write_next();
  }
  if (!ok) {
    RemoveHold();
    return;
  }
  if (drained) on_drained_();
  StartRead(&incoming_);
}

void SimulatedAgent::take_order(const std::string& test_id) {
  add_result(*results_.emplace_back().mutable_results(), ++last_, test_id);
}

void SimulatedAgent::take_ping(std::uint64_t sent_us) {
  const auto now = static_cast<std::uint64_t>(system_clock().wall().time_since_epoch().count());
  v1::ClockPong& pong = *urgent_.emplace_back().mutable_clock_pong();
  pong.set_collector_sent_us(sent_us);
  pong.set_agent_received_us(now);
  pong.set_agent_sent_us(now);
}

bool SimulatedAgent::acknowledge(std::uint64_t sequence) {
  acknowledged_ = std::max(acknowledged_, sequence);
  return acknowledged_ == last_ && !std::exchange(drained_, true);
}

void SimulatedAgent::OnWriteDone(bool ok) {
  MutexLock lock(mutex_);
  writing_ = false;
  if (!ok) closed_ = true;
  write_next();
}

void SimulatedAgent::write_next() {
  if (writing_ || closed_) return;
  const bool may_send = welcome_ && sent_ < acknowledged_ + pace_.window;
  std::deque<v1::AgentMessage>& queue = urgent_.empty() && may_send ? results_ : urgent_;
  if (queue.empty()) return;
  outgoing_ = std::move(queue.front());
  queue.pop_front();
  if (outgoing_.has_results()) sent_ = last_sequence(outgoing_);
  writing_ = true;
  StartWrite(&outgoing_);
}

void SimulatedAgent::OnDone(const grpc::Status& status) {
  MutexLock lock(mutex_);
  closed_ = true;
  done_ = true;
  if (status.error_code() != grpc::StatusCode::CANCELLED) failure_ = status.error_message();
  ended_.notify_all();
}

}  // namespace firstbyte::bench
