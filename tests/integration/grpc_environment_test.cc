// No test by itself: what all of them need at their end.
#include <grpc/grpc.h>
#include <gtest/gtest.h>

namespace firstbyte {
namespace {

// gRPC cleans up behind its last user in a thread that nobody waits for. If the process ends while
// that runs, OpenSSL is gone first, and the thread's queue of errors (904 bytes) is a leak to
// LeakSanitizer. So the tests are a user too, the last one, and one that waits.
class GrpcEnvironment : public testing::Environment {
 public:
  void SetUp() override { grpc_init(); }
  void TearDown() override { grpc_shutdown_blocking(); }
};

[[maybe_unused]] const testing::Environment* const kGrpc =
    testing::AddGlobalTestEnvironment(new GrpcEnvironment);  // gtest owns it.

}  // namespace
}  // namespace firstbyte
