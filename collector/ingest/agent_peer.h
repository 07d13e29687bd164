// From an agent's certificate to who it is, and from a refusal to the status that tells it.
#pragma once

#include <grpcpp/security/auth_context.h>
#include <grpcpp/support/status.h>

#include "collector/access/agent_access.h"

namespace firstbyte::collector {

// Whom the client's certificate names, which TLS has checked; a refusal when it showed none, or one
// that is not for an agent.
AgentAccess::Answer<AgentPeer> peer_of(const grpc::AuthContext& context);

// docs of the codes: proto/firstbyte/v1. What kept the database from being asked is logged, and not
// told.
grpc::Status status_of(const AgentAccess::Refused& refused);

}  // namespace firstbyte::collector
