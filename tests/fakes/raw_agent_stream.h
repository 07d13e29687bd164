// An agent's end of the stream that says bytes instead of messages. Blocking; everything ends after
// ten seconds at the latest.
#pragma once

#include <fmt/format.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>
#include <memory>
#include <string>

#include "firstbyte/v1/agent.pb.h"

namespace firstbyte::fakes {

class RawAgentStream {
 public:
  explicit RawAgentStream(int port) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    const auto channel = grpc::CreateCustomChannel(fmt::format("127.0.0.1:{}", port),
                                                   grpc::InsecureChannelCredentials(), arguments);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{10});
    const grpc::internal::RpcMethod method("/firstbyte.v1.AgentGateway/Connect",
                                           grpc::internal::RpcMethod::BIDI_STREAMING, channel);
    stream_.reset(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
            channel.get(), method, &context_));
  }

  bool send(const std::string& bytes) {
    const grpc::Slice slice(bytes);
    return stream_->Write(grpc::ByteBuffer(&slice, 1));
  }
  bool send(const v1::AgentMessage& message) { return send(message.SerializeAsString()); }

  // The next acknowledgement, 0 when the stream has ended.
  std::uint64_t acknowledged() {
    grpc::ByteBuffer bytes;
    while (stream_->Read(&bytes)) {
      grpc::Slice slice;
      v1::CollectorMessage message;
      if (!bytes.DumpToSingleSlice(&slice).ok()) return 0;
      if (!message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return 0;
      if (message.has_acknowledgement()) return message.acknowledgement().sequence();
    }
    return 0;
  }

  // Waits until the collector ends the stream, and says how.
  grpc::Status wait_end() {
    grpc::ByteBuffer bytes;
    while (stream_->Read(&bytes)) bytes.Clear();
    return stream_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>> stream_;
};

}  // namespace firstbyte::fakes
