#include "collector/ingest/agent_peer.h"

#include <gtest/gtest.h>

namespace firstbyte::collector {
namespace {

using Refusal = AgentAccess::Refusal;

TEST(AgentPeerTest, ARefusalIsToldAsItIs) {
  const grpc::Status status = status_of({Refusal::kRevoked, "agent \"tokyo\" was revoked"});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(status.error_message(), "agent \"tokyo\" was revoked");
}

TEST(AgentPeerTest, WhoAsksTooOftenMayTryAgain) {
  EXPECT_EQ(status_of({Refusal::kTooOften, "later"}).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// Agents take it for no more than "come back later", since the clock may be wrong.
TEST(AgentPeerTest, AnEndedCertificateIsNotTheEndOfItsAgent) {
  EXPECT_EQ(status_of({Refusal::kEnded, "ended"}).error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

// Regression: strangers read the database's words.
TEST(AgentPeerTest, WhatIsWrongWithTheDatabaseIsNotTold) {
  const grpc::Status status = status_of(
      Error{Error::Kind::kTransient, "/var/lib/firstbyte/access.db: no such table: agent", {}});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(),
            "the collector cannot find out at present whether this agent may be let in");
}

}  // namespace
}  // namespace firstbyte::collector
