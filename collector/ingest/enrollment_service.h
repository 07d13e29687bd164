// Gives agents their certificates: for a join token the first, for a certificate the next.
#pragma once

#include "collector/access/agent_access.h"
#include "collector/ingest/server_tls.h"
#include "firstbyte/v1/enrollment.grpc.pb.h"

namespace firstbyte::collector {

// The work is done in gRPC's threads: a signature and a commit, some milliseconds, once in an
// agent's life and once in sixty days. Both must outlive it.
class EnrollmentService final : public v1::Enrollment::CallbackService {
 public:
  EnrollmentService(AgentAccess& access, const ServerTls& tls) : access_(access), tls_(tls) {}

 private:
  grpc::ServerUnaryReactor* Join(grpc::CallbackServerContext* context,
                                 const v1::JoinRequest* request, v1::Credentials* reply) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context,
                                  const v1::RenewRequest* request, v1::Credentials* reply) override;
  grpc::Status answer(AgentAccess::Answer<AgentAccess::Issued> issued, const char* what,
                      v1::Credentials& reply) const;

  AgentAccess& access_;
  const ServerTls& tls_;
};

}  // namespace firstbyte::collector
