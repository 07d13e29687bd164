// How an agent gets its certificate from the collector: the first for a join token, the next for
// the one it has. Each call is one connection.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <memory>
#include <string>

#include "agent/identity/identity_store.h"
#include "common/error.h"

namespace firstbyte::agent {

struct JoinRequest {
  std::string collector;  // "HOST:PORT"
  std::string token;
  std::string ca_fingerprint;  // "sha256:" and 64 hex digits
};

// Makes a key, which never leaves this process but for the caller's store. Blocks for at most twice
// `limit`. Errors are kFatal and name the flag of join.
Expected<AgentCredentials> join_collector(const JoinRequest& request, std::chrono::seconds limit);

// With a key of its own. `context` has the deadline, and ends the call when it is cancelled. Errors
// are kFatal when the collector says no for good, else kTransient.
Expected<AgentCredentials> renew_credentials(const AgentCredentials& present,
                                             const std::string& collector,
                                             grpc::ClientContext& context);

// What a connection to the collector shows and believes.
std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const AgentCredentials& credentials);

}  // namespace firstbyte::agent
