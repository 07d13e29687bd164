// What the collector makes of what is lost, late, torn or nonsense on an agent's stream.

#include "tests/fakes/raw_agent_stream.h"
#include "tests/integration/stream_fixture.h"

namespace firstbyte::stream_test {
namespace {

using Body = FakeAgentStream::Body;

v1::AgentMessage results_message(const std::vector<std::uint64_t>& sequences) {
  v1::AgentMessage message;
  for (const std::uint64_t sequence : sequences) {
    v1::SequencedResult* result = message.mutable_results()->add_results();
    result->set_sequence(sequence);
    *result->mutable_measurement() = encode(measured(""));
  }
  return message;
}

v1::AgentMessage gap_message(const Gap& gap) {
  v1::AgentMessage message;
  *message.mutable_results()->add_results() = encode(gap);
  return message;
}

v1::AgentMessage hello_message(std::uint64_t boot = 1) {
  v1::AgentMessage message;
  *message.mutable_hello()->mutable_identity() = encode(agent_in("tokyo"));
  message.mutable_hello()->set_boot(boot);
  return message;
}

const Gap kGap{3, 7, GapReason::kSpoolFull, WallTime{Micros{1'790'000'000'000'000}}};

class DeliveryTest : public StreamTest {
 protected:
  // Connected and welcome.
  std::unique_ptr<FakeAgentStream> connected(std::uint64_t boot = 1) {
    auto agent = std::make_unique<FakeAgentStream>(collector_.port());
    agent->hello(agent_in("tokyo"), boot);
    EXPECT_TRUE(agent->is_welcome());
    return agent;
  }
  static std::uint64_t acknowledged(FakeAgentStream& agent) {
    const auto message = agent.read_next(Body::kAcknowledgement);
    return message ? message->acknowledgement().sequence() : 0;
  }
  // Of the only agent, if it is recorded yet.
  collector::AgentCondition stored_condition() {
    const auto agents = store_->agents().value();
    return agents.empty() ? collector::AgentCondition{} : agents.front().condition;
  }
  // What an agent that says this after its hello is told for good; nothing is stored.
  std::string final_word(const v1::AgentMessage& message) {
    const auto agent = connected();
    agent->send(message);
    const grpc::Status status = agent->wait_end();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(count("SELECT count(*) FROM result") + count("SELECT count(*) FROM gap"), 0);
    EXPECT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
    return status.error_message();
  }
};

// ---- gaps

TEST_F(DeliveryTest, AGapIsAcknowledgedAndToldOfItsAgent) {
  const auto agent = connected(9);
  agent->send(results_message({1, 2}));
  agent->send(gap_message(kGap));
  while (acknowledged(*agent) < 7) {
  }
  const collector::AgentRecord record = store_->agents().value().at(0);
  EXPECT_EQ(record.lost_results, 5U);
  ASSERT_THAT(record.gaps, SizeIs(1));
  EXPECT_EQ(record.gaps[0].gap, kGap);
  EXPECT_EQ(record.gaps[0].boot, 9U);
}

TEST_F(DeliveryTest, ResultsAndGapsComeInOneBatch) {
  const auto agent = connected();
  v1::AgentMessage message = results_message({1, 2});
  *message.mutable_results()->add_results() = encode(kGap);
  message.mutable_results()->MergeFrom(results_message({8}).results());
  agent->send(message);
  EXPECT_EQ(acknowledged(*agent), 8U);
  EXPECT_EQ(count("SELECT count(*) FROM result"), 3);
  EXPECT_EQ(count("SELECT sum(count) FROM gap"), 5);
}

TEST_F(DeliveryTest, WhatAnAgentSkipsIsAGapUntilItComes) {
  const auto agent = connected();
  agent->send(results_message({2, 5}));
  EXPECT_EQ(acknowledged(*agent), 5U);
  EXPECT_EQ(count("SELECT sum(count) FROM gap WHERE reason = 'unreported'"), 3);
  agent->send(results_message({1, 2, 3, 4}));
  EXPECT_EQ(acknowledged(*agent), 5U);
  EXPECT_EQ(count("SELECT count(*) FROM gap"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM result"), 5);
}

// Regression: the batch after one that could not be stored made a gap of it.
TEST_F(DeliveryTest, ABatchThatFollowsWhatIsNotStoredEndsTheStreamForNow) {
  auto agent = connected();
  agent->send(results_message({1, 2}));
  EXPECT_EQ(acknowledged(*agent), 2U);
  v1::AgentMessage message = results_message({5});
  message.mutable_results()->set_follows(4);
  agent->send(message);
  const grpc::Status status = agent->wait_end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(),
            "results were not stored: agent tokyo goes on after 4, and only what is up to 2 is "
            "stored");
  EXPECT_EQ(count("SELECT count(*) FROM gap"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM result"), 2);
}

// The same with a real agent: SQLite refuses one batch for a while.
TEST_F(DeliveryTest, WhatCouldNotBeStoredIsDeliveredByTheNextStream) {
  const auto execute = [&](const std::string& sql) {
    ASSERT_TRUE(Database::open(folder_ / "firstbyte.db", Database::Access::kReadWrite)
                    .value()
                    .execute("PRAGMA busy_timeout=5000; " + sql));
  };
  execute(
      "CREATE TRIGGER refusal BEFORE INSERT ON result WHEN NEW.sequence = 60 "
      "BEGIN SELECT RAISE(ABORT, 'not now'); END");
  Agent agent(collector_.port());
  for (int i = 0; i < 300; ++i) agent.measure("");
  agent.start();
  ASSERT_TRUE(eventually([&] { return agent.connections() >= 3; }));
  EXPECT_EQ(store_->cursor("tokyo", agent.spool().boot()).value(), 50U);
  execute("DROP TRIGGER refusal");
  EXPECT_TRUE(eventually([&] { return agent.spooled() == 0; }));
  EXPECT_EQ(count("SELECT count(*) FROM result"), 300);
  EXPECT_EQ(count("SELECT count(*) FROM gap"), 0);
}

// ---- what must not be said

TEST_F(DeliveryTest, SequencesThatGoBackWithinABatchEndTheStream) {
  EXPECT_EQ(final_word(results_message({1, 3, 2})),
            "agent tokyo sent result 2 after 3; sequences start at 1 and rise");
  EXPECT_EQ(final_word(results_message({0})),
            "agent tokyo sent result 0 after 0; sequences start at 1 and rise");
}

TEST_F(DeliveryTest, AGapThatGoesBackWithinABatchEndsTheStream) {
  v1::AgentMessage message = results_message({5});
  *message.mutable_results()->add_results() = encode(kGap);
  EXPECT_EQ(final_word(message),
            "agent tokyo sent result 3 after 5; sequences start at 1 and rise");
}

TEST_F(DeliveryTest, AGapThatMakesNoSenseEndsTheStream) {
  v1::AgentMessage message = gap_message(kGap);
  message.mutable_results()->mutable_results(0)->mutable_gap()->set_first_sequence(8);
  EXPECT_EQ(final_word(message),
            "agent tokyo sent a gap that is not valid: gap.first_sequence is not between 1 and 7");
  message = gap_message(kGap);
  message.mutable_results()->mutable_results(0)->mutable_gap()->clear_reason();
  EXPECT_THAT(final_word(message), HasSubstr("gap.reason has the unknown value 0"));
}

TEST_F(DeliveryTest, TooManyResultsAtOnceEndTheStream) {
  std::vector<std::uint64_t> sequences(1'001);
  for (std::size_t i = 0; i < sequences.size(); ++i) sequences[i] = i + 1;
  EXPECT_EQ(final_word(results_message(sequences)),
            "agent tokyo sent 1001 results at once; 1000 are the most");
}

TEST_F(DeliveryTest, AMessageThatIsTooLargeEndsTheStreamWithTheReason) {
  v1::AgentMessage message = results_message({1});
  message.mutable_results()->mutable_results(0)->mutable_measurement()->set_url(
      std::string(9 << 20, 'x'));
  EXPECT_THAT(final_word(message), HasSubstr("bytes; 8388608 are the most"));
}

// So large that gRPC does not even hand it over; it ends the stream itself.
TEST_F(DeliveryTest, AMessageThatIsMuchTooLargeIsNotStored) {
  const auto agent = connected();
  v1::AgentMessage message = results_message({1});
  message.mutable_results()->mutable_results(0)->mutable_measurement()->set_url(
      std::string(17 << 20, 'x'));
  agent->send(message);
  EXPECT_EQ(agent->wait_end().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(count("SELECT count(*) FROM result"), 0);
}

// Regression: the stream ended well, and the agent sent the same message again, for ever.
TEST_F(DeliveryTest, GarbageEndsTheStreamForGood) {
  for (const std::string& garbage : {std::string(100, '\xff'), std::string("\x0a\x7f", 2),
                                     std::string("\x1a\x03\x0a\x01\x08", 5)}) {
    fakes::RawAgentStream agent(collector_.port());
    agent.send(hello_message());
    agent.send(garbage);
    const grpc::Status status = agent.wait_end();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_EQ(status.error_message(), "the agent sent a message that cannot be read");
    EXPECT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  }
}

TEST_F(DeliveryTest, GarbageInsteadOfAHelloIsRefused) {
  fakes::RawAgentStream agent(collector_.port());
  agent.send(std::string("GET / HTTP/1.1\r\n\r\n"));
  EXPECT_EQ(agent.wait_end().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

// Regression: one text that is no UTF-8 made the whole batch unreadable, at each attempt anew.
TEST_F(DeliveryTest, AResultThatCannotBeReadTakesNoOtherDownWithIt) {
  fakes::RawAgentStream agent(collector_.port());
  agent.send(hello_message());
  v1::AgentMessage message = results_message({1, 2, 3});
  message.mutable_results()->mutable_results(1)->mutable_measurement()->set_http_version("PLACE");
  std::string bytes = message.SerializeAsString();
  bytes.replace(bytes.find("PLACE"), 5, "\xff\xff\xff\xff\xff");
  agent.send(bytes);
  EXPECT_EQ(agent.acknowledged(), 3U);
  EXPECT_EQ(count("SELECT count(*) FROM result WHERE failure_cause IS NULL"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM result WHERE sequence = 2 AND failure_cause = 'internal' "
                  "AND url = 'https://a.example/' AND corrected_at_us IS NULL"),
            1);
  EXPECT_EQ(collector_.stats().rejected, 1U);
}

// ---- a result is accepted only from the agent it was asked of

TEST_F(DeliveryTest, AResultOfAnAgentThatWasNotChosenEndsNoOnesCity) {
  Agent london(collector_.port(), "london");
  connect(london, "london");
  const auto agent = connected();
  const auto test = collector_.start_test({"london"});
  agent->result(1, encode(measured(test.id)));
  EXPECT_EQ(acknowledged(*agent), 1U);
  agent->result(2, encode(measured("0k3v9x2m7qf5d")));
  EXPECT_EQ(acknowledged(*agent), 2U);
  EXPECT_EQ(count("SELECT count(*) FROM result WHERE agent_id = 'tokyo'"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM test_city WHERE state IS NOT NULL"), 0);
  EXPECT_THAT(collector_.seen().seen(test.id), ElementsAre("started"));
}

// ---- what an agent says of itself

TEST_F(DeliveryTest, WhatAnAgentSaysOfItsSpoolIsKnownAndStaysKnown) {
  auto agent = connected();
  SpoolStatus status;
  status.results = 12;
  status.error = "the disk is full";
  v1::AgentMessage message;
  *message.mutable_status() = encode(status);
  agent->send(message);
  const auto live = [&] { return collector_.agents().find("tokyo")->link->condition().spool; };
  ASSERT_TRUE(eventually([&] { return live().has_value(); }));
  EXPECT_EQ(live()->status, status);
  agent->hang_up();
  ASSERT_TRUE(eventually([&] { return stored_condition().spool.has_value(); }));
  EXPECT_EQ(stored_condition().spool->status, status);
}

TEST_F(DeliveryTest, WhatIsKnownOfAnAgentsClockStaysKnown) {
  Agent agent(collector_.port());
  connect(agent);
  ASSERT_TRUE(
      eventually([&] { return collector_.agents().find("tokyo")->link->condition().clock; }));
  agent.stop();
  EXPECT_TRUE(eventually([&] { return stored_condition().clock.has_value(); }));
}

TEST_F(DeliveryTest, AStatusThatMakesNoSenseIsPassedOver) {
  const auto agent = connected();
  v1::AgentMessage message;
  message.mutable_status()->set_spool_error("\x01");
  agent->send(message);
  agent->send(results_message({1}));
  EXPECT_EQ(acknowledged(*agent), 1U);
  EXPECT_FALSE(collector_.agents().find("tokyo")->link->condition().spool);
}

// ---- on-demand during trouble

TEST_F(DeliveryTest, AResultAfterABrokenConnectionBringsItsCityBack) {
  auto agent = connected();
  const auto test = collector_.start_test();
  ASSERT_TRUE(agent->read_next(Body::kOrder));
  agent->hang_up();
  ASSERT_TRUE(eventually([&] { return collector_.seen().seen(test.id).size() == 2; }));
  agent = connected();
  agent->result(1, encode(measured(test.id)));
  ASSERT_TRUE(collector_.seen().wait_finished(test.id));
  EXPECT_THAT(collector_.seen().seen(test.id),
              ElementsAre("started", "tokyo offline", "tokyo finished", "done"));
  EXPECT_EQ(store_->load_test(test.id).value()->cities.at(0).received->measurement,
            measured(test.id));
}

TEST_F(DeliveryTest, TheSameProcessOnANewStreamIsNotLost) {
  const auto old = connected(7);
  const auto test = collector_.start_test();
  ASSERT_TRUE(old->read_next(Body::kOrder));
  const auto again = connected(7);
  EXPECT_EQ(old->wait_end().error_code(), grpc::StatusCode::CANCELLED);
  again->result(1, encode(measured(test.id)));
  ASSERT_TRUE(collector_.seen().wait_finished(test.id));
  EXPECT_THAT(collector_.seen().seen(test.id), ElementsAre("started", "tokyo finished", "done"));
}

// ---- a collector that stops

TEST_F(DeliveryTest, AgentsOfACollectorThatStopsAreToldWhenToComeBack) {
  const auto agent = connected();
  std::thread stopping([&] { collector_.stop_gateway(); });
  const auto message = agent->read_next(Body::kComeBack);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->come_back().within_us(), 5'000'000U);
  const grpc::Status status = agent->wait_end();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status.error_message(), "the collector stops");
  stopping.join();
}

TEST_F(DeliveryTest, ACollectorWithoutAgentsStopsAtOnce) {
  const auto begun = std::chrono::steady_clock::now();
  collector_.stop_gateway();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
}

// ---- with a store and a clock that do as they are told

class DeliveryPaceTest : public StreamPaceTest {
 protected:
  std::unique_ptr<FakeAgentStream> connected() {
    auto agent = std::make_unique<FakeAgentStream>(collector_.port());
    agent->hello(agent_in("tokyo"));
    EXPECT_TRUE(eventually([&] { return store_.agents().value().size() == 1; }));
    return agent;
  }
  // Answers the next ping at once, with a clock that is so far ahead.
  void answer_ping(FakeAgentStream& agent, Micros ahead, std::uint64_t measured = 0) {
    const auto ping = agent.read_next(Body::kClockPing);
    ASSERT_TRUE(ping);
    const auto now = static_cast<std::uint64_t>((clock_.wall() + ahead).time_since_epoch().count());
    v1::AgentMessage message;
    message.mutable_clock_pong()->set_collector_sent_us(ping->clock_ping().collector_sent_us());
    message.mutable_clock_pong()->set_agent_received_us(now);
    message.mutable_clock_pong()->set_agent_sent_us(now);
    message.mutable_clock_pong()->set_last_sequence(measured);
    agent.send(message);
  }
  // What is known of the clock for a result that comes now.
  std::optional<collector::ClockOffset> clock_of_result(FakeAgentStream& agent,
                                                        std::uint64_t sequence) {
    const auto test = collector_.start_test();
    agent.result(sequence, encode(measured(test.id)));
    return collector_.seen().wait_finished(test.id).value().cities.at(0).received->clock;
  }
  std::vector<collector::ClockStep> steps() { return store_.agents().value().at(0).clock_steps; }
  std::optional<Micros> offset() {
    const auto agent = collector_.agents().find("tokyo");
    if (!agent) return std::nullopt;
    return agent->link->condition().clock.transform(
        [](const collector::AgentCondition::Clock& clock) { return clock.offset.offset; });
  }
};

TEST_F(DeliveryPaceTest, AClockThatIsSetIsNoticedAndRecorded) {
  const auto agent = connected();
  answer_ping(*agent, 0us);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
  clock_.advance(5s);
  answer_ping(*agent, 90s);
  ASSERT_TRUE(eventually([&] { return steps().size() == 1; }));
  EXPECT_EQ(steps()[0].by, Micros{90s});
  EXPECT_EQ(steps()[0].at, clock_.wall());
  EXPECT_EQ(offset(), Micros{90s});
}

TEST_F(DeliveryPaceTest, AClockThatIsSetWhileItsAgentIsAwayIsNoticedWhenItIsBack) {
  auto agent = connected();
  answer_ping(*agent, 0us);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
  agent->hang_up();
  ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  clock_.advance(60s);
  agent = connected();
  answer_ping(*agent, -90s);
  ASSERT_TRUE(eventually([&] { return steps().size() == 1; }));
  EXPECT_EQ(steps()[0].by, Micros{-90s});
}

// Regression: a stream that ended before its welcome put nothing in the place of what was known.
TEST_F(DeliveryPaceTest, AnAgentThatWasNotWelcomedTakesNothingAwayOfWhatIsKnown) {
  auto agent = connected();
  answer_ping(*agent, 0us);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
  agent->hang_up();
  ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  store_.break_reads();
  FakeAgentStream unwelcome(collector_.port());
  unwelcome.hello(agent_in("tokyo"));
  EXPECT_EQ(unwelcome.wait_end().error_code(), grpc::StatusCode::UNAVAILABLE);
  store_.break_reads(false);
  agent = connected();
  answer_ping(*agent, 90s);
  EXPECT_TRUE(eventually([&] { return steps().size() == 1; }));
}

// Regression: a collector that was restarted had nothing to compare with, so a whole backlog got
// the offset from after the step.
TEST_F(DeliveryPaceTest, AClockThatIsSetWhileItsCollectorIsAwayIsNoticed) {
  auto agent = connected();
  answer_ping(*agent, 0us);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
  agent = nullptr;
  ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
  collector_.stop_gateway();
  clock_.advance(60s);
  collector_.listen();
  agent = connected();
  answer_ping(*agent, 90s, 1);
  ASSERT_TRUE(eventually([&] { return steps().size() == 1; }));
  EXPECT_EQ(steps()[0].by, Micros{90s});
  // What the clocks may have drifted meanwhile.
  EXPECT_GE(steps()[0].error, 12ms);
  EXPECT_FALSE(clock_of_result(*agent, 1));
  EXPECT_EQ(clock_of_result(*agent, 2)->offset, Micros{90s});
}

// What had been measured before the last step may still be on its way, unless the agent said since
// that it has none.
TEST_F(DeliveryPaceTest, WhatACollectorKnewOfAClockGoesForABacklogOnlyIfThatIsNewer) {
  for (const bool delivered : {false, true}) {
    auto agent = connected();
    answer_ping(*agent, 0us);
    ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
    if (delivered) {
      v1::AgentMessage message;
      *message.mutable_status() = encode(SpoolStatus{});
      agent->send(message);
      ASSERT_TRUE(eventually([&] { return store_.agents().value().at(0).condition.spool; }));
    }
    agent = nullptr;
    ASSERT_TRUE(eventually([&] { return !collector_.knows("tokyo"); }));
    collector_.stop_gateway();
    collector_.listen();
    agent = connected();
    answer_ping(*agent, 0us, 10);
    EXPECT_EQ(clock_of_result(*agent, delivered ? 2 : 1).has_value(), delivered);
  }
}

// Regression: it had the offset of the first answer, as if nobody could have set the clock before.
TEST_F(DeliveryPaceTest, OfAResultFromBeforeTheFirstAnswerEverTheClockIsNotKnown) {
  const auto agent = connected();
  answer_ping(*agent, 90s, 1);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{90s}; }));
  EXPECT_THAT(steps(), SizeIs(0));
  EXPECT_FALSE(clock_of_result(*agent, 1));
  EXPECT_EQ(clock_of_result(*agent, 2)->offset, Micros{90s});
}

// Regression: a result that was spooled before the clock was set got the offset from after it.
TEST_F(DeliveryPaceTest, OfAResultFromBeforeAStepTheClockIsNotKnown) {
  const auto agent = connected();
  answer_ping(*agent, 0us);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
  clock_.advance(5s);
  answer_ping(*agent, 90s, 1);
  ASSERT_TRUE(eventually([&] { return steps().size() == 1; }));
  std::vector<std::optional<collector::ClockOffset>> clocks;
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    const auto test = collector_.start_test();
    Measurement measurement = measured(test.id);
    // The third saw itself that the clock was set meanwhile.
    measurement.self_check = SelfCheck{{}, false, sequence == 3, {}};
    agent->result(sequence, encode(measurement));
    clocks.push_back(collector_.seen().wait_finished(test.id).value().cities.at(0).received->clock);
  }
  EXPECT_FALSE(clocks[0]);
  EXPECT_EQ(clocks[1]->offset, Micros{90s});
  EXPECT_FALSE(clocks[2]);
}

// Two clocks drift apart: what is known of them now says less of what was measured an hour ago.
TEST_F(DeliveryPaceTest, TheClockOfAnOldResultIsKnownLessWell) {
  const auto agent = connected();
  answer_ping(*agent, 0us);
  ASSERT_TRUE(eventually([&] { return offset() == Micros{0}; }));
  const auto test = collector_.start_test();
  Measurement measurement = measured(test.id);
  measurement.measured_at = clock_.wall() - 1h;
  agent->result(1, encode(measurement));
  const auto received = collector_.seen().wait_finished(test.id).value().cities.at(0).received;
  EXPECT_EQ(received->corrected_at(), clock_.wall() - 1h);
  EXPECT_GE(received->clock->error, 720ms);
  EXPECT_LT(received->clock->error, 721ms);
}

TEST_F(DeliveryPaceTest, WhileTheStoreCannotWriteNoMoreThanOneBatchIsTakenIn) {
  const auto agent = connected();
  store_.hold_writes("the disk is full");
  for (std::uint64_t i = 1; i <= 3; ++i) agent->send(results_message({i}));
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 1; }));
  clock_.advance(16s);
  // The next ping shows that time has passed, and that the agent was not taken for silent.
  ASSERT_TRUE(agent->read_next(Body::kClockPing));
  EXPECT_EQ(store_.held_writes(), 1U);
  EXPECT_TRUE(collector_.knows("tokyo"));
  store_.release_writes();
  std::uint64_t acknowledged = 0;
  while (acknowledged < 3) {
    const auto message = agent->read_next(Body::kAcknowledgement);
    ASSERT_TRUE(message);
    acknowledged = message->acknowledgement().sequence();
  }
}

// Regression: agents were turned away, and came back again and again, while the store was only
// behind.
TEST_F(DeliveryPaceTest, WhileTooMuchWaitsToBeStoredAgentsWait) {
  const auto agent = connected();
  ASSERT_TRUE(agent->read_next(Body::kClockPing));
  store_.crowd(true);
  for (std::uint64_t i = 1; i <= 3; ++i) agent->send(results_message({i}));
  clock_.advance(16s);
  // The next ping shows that time has passed, and that the agent was not taken for silent.
  ASSERT_TRUE(agent->read_next(Body::kClockPing));
  // What was being read already is taken.
  EXPECT_LE(store_.stored_sequences().size(), 1U);
  // Somebody who comes now is let in, and no more.
  FakeAgentStream london(collector_.port());
  london.hello(agent_in("london"));
  EXPECT_TRUE(london.is_welcome());
  store_.crowd(false);
  EXPECT_TRUE(eventually([&] { return store_.stored_sequences().size() == 3; }));
  EXPECT_TRUE(collector_.knows("tokyo"));
}

TEST_F(DeliveryPaceTest, WhatWasTakenInIsAcknowledgedBeforeTheCollectorStops) {
  const auto agent = connected();
  store_.hold_writes();
  agent->send(results_message({1}));
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 1; }));
  std::thread stopping([&] { collector_.stop_gateway(); });
  ASSERT_TRUE(agent->read_next(Body::kComeBack));
  store_.release_writes();
  EXPECT_TRUE(agent->read_next(Body::kAcknowledgement));
  EXPECT_EQ(agent->wait_end().error_code(), grpc::StatusCode::UNAVAILABLE);
  stopping.join();
}

TEST_F(DeliveryPaceTest, ACollectorThatStopsDoesNotWaitForEverForItsStore) {
  const auto agent = connected();
  store_.hold_writes();
  agent->send(results_message({1}));
  ASSERT_TRUE(eventually([&] { return store_.held_writes() == 1; }));
  const auto begun = std::chrono::steady_clock::now();
  collector_.stop_gateway();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
  store_.release_writes();
}

}  // namespace
}  // namespace firstbyte::stream_test
