// A Dispatcher over a store in memory, with a clock that stands still until it is told.
#pragma once

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/dispatch/dispatcher.h"
#include "tests/fakes/collector_recorder.h"
#include "tests/fakes/fake_agent.h"
#include "tests/fakes/fake_store.h"
#include "tests/fakes/manual_clock.h"

namespace firstbyte::collector {

// Beside testing::Test.
using Record = firstbyte::collector::Test;

// What an agent in New York, London or Tokyo measured.
inline ReceivedMeasurement result_of(const Record& test, std::optional<Failure> failure = {}) {
  ReceivedMeasurement received;
  received.measurement.test_id = test.id;
  received.measurement.url = test.target.url;
  received.measurement.timings = Timings::make({}, Micros{5'000}).value();
  received.measurement.failure = std::move(failure);
  return received;
}

class DispatcherTest : public testing::Test {
 protected:
  // Known from an earlier connection, not connected now.
  void know(const AgentIdentity& agent) {
    store_.record_agent(agent, "0.1.0", clock_.wall(), [](const Expected<>&) {});
  }
  Record start(std::vector<std::string> agents = {}) {
    const Expected<Record> test =
        dispatcher_.start({{.url = "https://a.example/"}, std::move(agents)});
    EXPECT_TRUE(test) << test.error().message;
    return test.value_or(Record{});
  }
  Error refusal(std::vector<std::string> agents = {}) {
    const Expected<Record> test =
        dispatcher_.start({{.url = "https://a.example/"}, std::move(agents)});
    EXPECT_FALSE(test);
    return test ? Error{} : test.error();
  }
  // As the ingest does: stored first, told then.
  void deliver(const std::string& agent, const ReceivedMeasurement& received) {
    store_.append({fakes::agent_in(agent), 1, {{++sequence_, received}}},
                  [this, agent](const Expected<BatchCommit>& commit) {
                    for (const ReceivedMeasurement& settled : commit.value().settled) {
                      dispatcher_.on_settled(agent, settled);
                    }
                  });
  }
  void progress(const Record& test, const std::string& agent, Phase phase) {
    dispatcher_.on_progress(agent, test.id, phase, Micros{100});
  }
  // Time goes on, and whoever waits for it looks again.
  void turn(std::chrono::seconds by) {
    clock_.advance(by);
    EXPECT_TRUE(dispatcher_.adopt_unfinished());
  }
  CityState state_of(const Record& test, const std::string& agent) {
    const Record stored = store_.load_test(test.id).value().value();
    for (const TestCity& city : stored.cities) {
      if (city.agent.id == agent) return city.state;
    }
    return CityState::kDispatched;
  }

  fakes::FakeStore store_;
  fakes::ManualClock clock_;
  fakes::TestRecorder seen_;
  AgentRegistry agents_;
  std::uint64_t sequence_ = 0;
  Dispatcher dispatcher_{store_, agents_, seen_, clock_};
};

}  // namespace firstbyte::collector
