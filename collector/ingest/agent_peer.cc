#include "collector/ingest/agent_peer.h"

#include <grpc/grpc_security_constants.h>
#include <spdlog/spdlog.h>

#include "common/certificates.h"

namespace firstbyte::collector {

using Refusal = AgentAccess::Refusal;
using Refused = AgentAccess::Refused;

AgentAccess::Answer<AgentPeer> peer_of(const grpc::AuthContext& context) {
  const auto shown = context.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (shown.empty()) {
    return std::unexpected(Refused{
        Refusal::kNotKnown, "an agent needs a certificate; `firstbyte-agent join` gets it one"});
  }
  const auto certificates = parse_certificates({shown.front().data(), shown.front().size()});
  auto id = certificates ? agent_of(*certificates->front()) : std::nullopt;
  if (!id) {
    return std::unexpected(Refused{Refusal::kNotKnown, "this certificate is not an agent's"});
  }
  return AgentPeer{*std::move(id), fingerprint(*certificates->front())};
}

grpc::Status status_of(const Refused& refused) {
  switch (refused.why) {
    case Refusal::kBadRequest:
      return {grpc::StatusCode::INVALID_ARGUMENT, refused.message};
    case Refusal::kNotKnown:
      return {grpc::StatusCode::UNAUTHENTICATED, refused.message};
    case Refusal::kEnded:
      return {grpc::StatusCode::FAILED_PRECONDITION, refused.message};
    case Refusal::kRevoked:
      return {grpc::StatusCode::PERMISSION_DENIED, refused.message};
    case Refusal::kTaken:
      return {grpc::StatusCode::ALREADY_EXISTS, refused.message};
    case Refusal::kTooOften:
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, refused.message};
    case Refusal::kNotNow:
      break;
  }
  // The database's own words are the operator's: whoever asks may be a stranger.
  spdlog::error("whether an agent may be let in cannot be found out: {}", refused.message);
  return {grpc::StatusCode::UNAVAILABLE,
          "the collector cannot find out at present whether this agent may be let in"};
}

}  // namespace firstbyte::collector
