// A collector that is killed at any moment, also in the middle of a commit.

#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <thread>

#include "common/sqlite.h"
#include "tests/fakes/collector_process.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_agent_stream.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte {
namespace {

using fakes::FakeAgentStream;

// What an agent sends that has these results, and has lost those between them.
v1::AgentMessage batch_after(std::uint64_t sequence, std::mt19937_64& random) {
  const auto between = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution(low, high)(random);
  };
  Measurement measurement;
  measurement.url = "https://a.example/";
  measurement.measured_at = WallTime{Micros{1'790'000'000'000'000}};
  measurement.timings = Timings::make({}, Micros{5'000}).value();
  const v1::Measurement encoded = encode(measurement);
  v1::AgentMessage message;
  for (int i = 0; i < 20; ++i) {
    const std::uint64_t kind = between(0, 19);
    if (kind == 0) {
      const Gap gap{sequence + 1, sequence + between(1, 50), GapReason::kSpoolFull,
                    measurement.measured_at};
      sequence = gap.last;
      *message.mutable_results()->add_results() = encode(gap);
      continue;
    }
    // Now and then one is missing without a word.
    sequence += kind == 1 ? 2 : 1;
    v1::SequencedResult& result = *message.mutable_results()->add_results();
    result.set_sequence(sequence);
    *result.mutable_measurement() = encoded;
  }
  return message;
}

TEST(KilledCollector, LosesNothingThatItAcknowledgedAndCountsNothingTwice) {
  const char* program = fakes::environment("FIRSTBYTE_COLLECTOR");
  if (program == nullptr) GTEST_SKIP() << "FIRSTBYTE_COLLECTOR does not say where the binary is";
  const fakes::TempDir folder;
  const std::string data = folder / "data";
  std::mt19937_64 random(5);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 8; ++round) {
    fakes::Process collector(
        program,
        {"--data-dir", data, "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0", "--insecure"},
        folder.path());
    ASSERT_TRUE(collector.prints("ready ")) << collector.err();
    FakeAgentStream agent(collector.number_after("grpc=127.0.0.1:"));
    agent.hello(fakes::agent_in("tokyo"), 7);
    const auto welcome = agent.read_next(FakeAgentStream::Body::kWelcome);
    ASSERT_TRUE(welcome);
    const std::uint64_t committed = welcome->welcome().committed_sequence();
    EXPECT_GE(committed, acknowledged) << "what was acknowledged is gone";
    std::thread sending([&] {
      std::uint64_t sent = committed;
      while (true) {
        // Some of it for the second time.
        const std::uint64_t from = sent - std::min<std::uint64_t>(sent, random() % 5);
        const v1::AgentMessage message = batch_after(from, random);
        sent = std::max(sent, message.results().results().rbegin()->sequence());
        if (!agent.send(message)) return;
      }
    });
    const int acknowledgements = static_cast<int>(1 + (round * 7) % 20);
    for (int i = 0; i < acknowledgements; ++i) {
      const auto message = agent.read_next(FakeAgentStream::Body::kAcknowledgement);
      if (!message) break;
      acknowledged = std::max(acknowledged, message->acknowledgement().sequence());
    }
    collector.signal(SIGKILL);
    collector.wait();
    sending.join();
  }
  // Opened once more, so that what the last log holds is played in.
  auto database = Database::open(data + "/firstbyte.db", Database::Access::kReadWrite).value();
  const std::int64_t cursor = database.number("SELECT sequence FROM cursor").value();
  EXPECT_GE(cursor, static_cast<std::int64_t>(acknowledged));
  EXPECT_GT(database.number("SELECT count(*) FROM gap").value(), 0);
  EXPECT_EQ(database.number("SELECT (SELECT count(*) FROM result) + (SELECT sum(count) FROM gap)")
                .value(),
            cursor);
  EXPECT_EQ(database
                .number("SELECT count(*) FROM result JOIN gap "
                        "ON sequence BETWEEN first_sequence AND last_sequence")
                .value(),
            0);
  EXPECT_EQ(database
                .number("SELECT count(*) FROM gap a JOIN gap b ON a.first_sequence < "
                        "b.first_sequence AND a.last_sequence >= b.first_sequence")
                .value(),
            0);
}

}  // namespace
}  // namespace firstbyte
