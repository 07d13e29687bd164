#include "collector/ingest/enrollment_service.h"

#include <spdlog/spdlog.h>

#include "collector/ingest/agent_peer.h"
#include "proto/codec.h"

namespace firstbyte::collector {
namespace {

// A request for a P-256 key has less than one.
constexpr std::size_t kMostRequestBytes = 8 * 1024;

}  // namespace

grpc::Status EnrollmentService::answer(AgentAccess::Answer<AgentAccess::Issued> issued,
                                       const char* what, v1::Credentials& reply) const {
  if (!issued) {
    grpc::Status status = status_of(issued.error());
    spdlog::warn("refused to {} an agent: {}", what, status.error_message());
    return status;
  }
  spdlog::info("agent {} has certificate {} until {}", issued->identity.id,
               serial_number(*issued->certificate),
               format_rfc3339(valid_until(*issued->certificate), false));
  *reply.mutable_identity() = encode(issued->identity);
  reply.set_certificate(to_pem(*issued->certificate));
  reply.set_collector_ca(tls_.trust_pem());
  return grpc::Status::OK;
}

grpc::ServerUnaryReactor* EnrollmentService::Join(grpc::CallbackServerContext* context,
                                                  const v1::JoinRequest* request,
                                                  v1::Credentials* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  if (request->certificate_request().size() > kMostRequestBytes) {
    reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT, "the certificate request is too long"});
    return reactor;
  }
  reactor->Finish(answer(access_.join(request->token(), request->certificate_request(),
                                      tls_.authority(), tls_.lifetime()),
                         "enrol", *reply));
  return reactor;
}

grpc::ServerUnaryReactor* EnrollmentService::Renew(grpc::CallbackServerContext* context,
                                                   const v1::RenewRequest* request,
                                                   v1::Credentials* reply) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto peer = peer_of(*context->auth_context());
  if (!peer) {
    reactor->Finish(status_of(peer.error()));
    return reactor;
  }
  if (request->certificate_request().size() > kMostRequestBytes) {
    reactor->Finish({grpc::StatusCode::INVALID_ARGUMENT, "the certificate request is too long"});
    return reactor;
  }
  reactor->Finish(answer(
      access_.renew(*peer, request->certificate_request(), tls_.authority(), tls_.lifetime()),
      "renew the certificate of", *reply));
  return reactor;
}

}  // namespace firstbyte::collector
