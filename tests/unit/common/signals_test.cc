#include "common/signals.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace firstbyte {
namespace {

TEST(Signals, LetTheProgramBeStoppedFromWithin) {
  block_stop_signals();
  std::thread stopper(request_stop);
  EXPECT_EQ(wait_for_stop(), SIGTERM);
  stopper.join();
}

TEST(Signals, ReportAnInterrupt) {
  block_stop_signals();
  raise(SIGINT);
  EXPECT_EQ(wait_for_stop(), SIGINT);
}

}  // namespace
}  // namespace firstbyte
