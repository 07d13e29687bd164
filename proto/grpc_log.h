// What gRPC says by itself.
#pragma once

namespace firstbyte {

// gRPC would print its own lines on standard error, beside the one sentence that is meant for the
// operator; from here on they go to the log, for those who debug. Before gRPC is used.
void send_grpc_log_to_ours();

}  // namespace firstbyte
