// An agent's end of the stream spoken by hand, message by message, so that a test can say what a
// real agent never would. Blocking; everything ends after ten seconds at the latest.
#pragma once

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "firstbyte/v1/agent.grpc.pb.h"
#include "proto/codec.h"

namespace firstbyte::fakes {

class FakeAgentStream {
 public:
  using Body = v1::CollectorMessage::BodyCase;

  explicit FakeAgentStream(int port, const std::shared_ptr<grpc::ChannelCredentials>& credentials =
                                         grpc::InsecureChannelCredentials()) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    stub_ = v1::AgentGateway::NewStub(
        grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port), credentials, arguments));
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{10});
    stream_ = stub_->Connect(&context_);
  }
  ~FakeAgentStream() { hang_up(); }
  FakeAgentStream(const FakeAgentStream&) = delete;
  FakeAgentStream& operator=(const FakeAgentStream&) = delete;

  bool send(const v1::AgentMessage& message) { return stream_->Write(message); }

  bool hello(const AgentIdentity& identity, std::uint64_t boot = 1, std::uint64_t process = 1) {
    v1::AgentMessage message;
    *message.mutable_hello()->mutable_identity() = encode(identity);
    message.mutable_hello()->set_version("0.1.0");
    message.mutable_hello()->set_boot(boot);
    message.mutable_hello()->set_process(process);
    return send(message);
  }
  bool result(std::uint64_t sequence, const v1::Measurement& measurement) {
    v1::AgentMessage message;
    v1::SequencedResult* result = message.mutable_results()->add_results();
    result->set_sequence(sequence);
    *result->mutable_measurement() = measurement;
    return send(message);
  }

  // The next message; absent when the stream has ended.
  std::optional<v1::CollectorMessage> read() {
    v1::CollectorMessage message;
    if (!stream_->Read(&message)) return std::nullopt;
    return message;
  }
  // The next message of this kind; those before it are passed over.
  std::optional<v1::CollectorMessage> read_next(Body body) {
    while (auto message = read()) {
      if (message->body_case() == body) return message;
    }
    return std::nullopt;
  }
  bool is_welcome() { return read_next(Body::kWelcome).has_value(); }

  // Waits until the collector ends the stream, and says how.
  grpc::Status wait_end() {
    while (read()) {
    }
    return finish();
  }

  void hang_up() {
    if (!stream_) return;
    context_.TryCancel();
    finish();
  }

 private:
  grpc::Status finish() {
    const grpc::Status status = stream_->Finish();
    stream_ = nullptr;
    return status;
  }

  std::unique_ptr<v1::AgentGateway::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::AgentMessage, v1::CollectorMessage>> stream_;
};

}  // namespace firstbyte::fakes
