#include "proto/grpc_log.h"

#include <grpc/support/log.h>
#include <spdlog/spdlog.h>

namespace firstbyte {

void send_grpc_log_to_ours() {
  gpr_set_log_function([](gpr_log_func_args* line) { spdlog::debug("gRPC: {}", line->message); });
}

}  // namespace firstbyte
