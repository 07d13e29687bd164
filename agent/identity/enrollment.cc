#include "agent/identity/enrollment.h"

#include <fmt/format.h>
#include <grpcpp/create_channel.h>

#include <utility>

#include "agent/identity/authority_fetch.h"
#include "common/certificates.h"
#include "firstbyte/v1/enrollment.grpc.pb.h"
#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

std::unique_ptr<v1::Enrollment::Stub> dial(const std::string& collector,
                                           const grpc::SslCredentialsOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  return v1::Enrollment::NewStub(
      grpc::CreateCustomChannel(collector, grpc::SslCredentials(options), arguments));
}

// The collector is not trusted blindly either: what it gives has to fit the key and the id.
Expected<AgentCredentials> understand(const v1::Credentials& reply, const EVP_PKEY& key,
                                      const std::string& collector) {
  auto identity = decode(reply.identity());
  if (!identity) return std::unexpected(std::move(identity.error()));
  AgentCredentials credentials;
  credentials.identity = *std::move(identity);
  credentials.collector = collector;
  credentials.key = to_pem(key);
  credentials.certificate = reply.certificate();
  credentials.collector_ca = reply.collector_ca();
  if (auto checked = check_credentials(credentials); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return credentials;
}

struct Request {
  PrivateKey key;
  std::string pem;
};

Expected<Request> make_request(std::string_view common_name) {
  auto key = make_private_key();
  if (!key) return std::unexpected(std::move(key.error()));
  const auto request = make_certificate_request(**key, common_name);
  if (!request) return std::unexpected(request.error());
  std::string pem = to_pem(**request);
  return Request{*std::move(key), std::move(pem)};
}

bool is_refusal(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::ALREADY_EXISTS:
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
      return true;
    default:
      return false;
  }
}

std::unexpected<Error> nonsense(const std::string& collector, const Error& error) {
  return fatal(fmt::format("what {} issued cannot be used: {}", collector, error.message),
               "--collector");
}

}  // namespace

Expected<AgentCredentials> join_collector(const JoinRequest& request, std::chrono::seconds limit) {
  const auto authority = fetch_authority(request.collector, request.ca_fingerprint, limit);
  if (!authority) return std::unexpected(authority.error());
  const auto own = make_request({});
  if (!own) return fatal(own.error().message);

  const auto stub =
      dial(request.collector,
           {.pem_root_certs = *authority, .pem_private_key = {}, .pem_cert_chain = {}});
  v1::JoinRequest message;
  message.set_token(request.token);
  message.set_certificate_request(own->pem);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + limit);
  v1::Credentials reply;
  const grpc::Status status = stub->Join(&context, message, &reply);
  if (!status.ok()) {
    const bool refused = is_refusal(status.error_code());
    return fatal(refused ? status.error_message()
                         : fmt::format("{} did not enrol this agent: {}", request.collector,
                                       status.error_message()),
                 refused ? "--token" : "--collector");
  }
  auto credentials = understand(reply, *own->key, request.collector);
  if (!credentials) return nonsense(request.collector, credentials.error());
  return credentials;
}

Expected<AgentCredentials> renew_credentials(const AgentCredentials& present,
                                             const std::string& collector,
                                             grpc::ClientContext& context) {
  const auto own = make_request(present.identity.id);
  if (!own) return transient(own.error().message);
  const auto stub = dial(collector, {.pem_root_certs = present.collector_ca,
                                     .pem_private_key = present.key,
                                     .pem_cert_chain = present.certificate});
  v1::RenewRequest message;
  message.set_certificate_request(own->pem);
  v1::Credentials reply;
  const grpc::Status status = stub->Renew(&context, message, &reply);
  if (!status.ok()) {
    if (is_refusal(status.error_code())) return fatal(status.error_message(), "--collector");
    return transient(status.error_message());
  }
  auto credentials = understand(reply, *own->key, present.collector);
  if (credentials && credentials->identity.id == present.identity.id) return credentials;
  if (!credentials) return nonsense(collector, credentials.error());
  return fatal(fmt::format("{} gave a certificate for another agent", collector), "--collector");
}

std::shared_ptr<grpc::ChannelCredentials> channel_credentials(const AgentCredentials& credentials) {
  return grpc::SslCredentials({.pem_root_certs = credentials.collector_ca,
                               .pem_private_key = credentials.key,
                               .pem_cert_chain = credentials.certificate});
}

}  // namespace firstbyte::agent
