// What the collector remembers, behind one interface. Writes are queued and committed in groups by
// one writer; a write's callback runs on the writer's thread, after the commit (with the value) or
// after the group failed (with the Error; nothing of it is stored then). Reads answer on the
// caller's thread from what is committed. Thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/check.h"
#include "common/delivery.h"
#include "common/error.h"
#include "common/measurement.h"
#include "common/rating.h"
#include "common/target.h"

namespace firstbyte::collector {

// How far the agent's wall clock is ahead of the collector's, and how wrong that can be at most.
struct ClockOffset {
  Micros offset{};
  Micros error{};
  bool operator==(const ClockOffset&) const = default;
};

// A measurement as it arrived here.
struct ReceivedMeasurement {
  Measurement measurement;
  WallTime received_at{};
  std::optional<ClockOffset> clock;  // absent until the stream has measured it
  bool operator==(const ReceivedMeasurement&) const = default;
  // When the probe started by the collector's clock, right to the clock's error.
  std::optional<WallTime> corrected_at() const {
    return clock.transform(
        [this](const ClockOffset& c) { return measurement.measured_at - c.offset; });
  }
};

// One chosen city of a test.
struct TestCity {
  AgentIdentity agent;
  CityState state = CityState::kDispatched;
  // On the way: since the agent began, or since the dispatch before it did. In a terminal state:
  // the probe's total, or since the dispatch when there is no measurement.
  Micros elapsed{};
  std::optional<ReceivedMeasurement> received;  // exactly when finished or failed
  // Came when the deadline was past, and changed nothing; only where offline or timed out.
  std::optional<ReceivedMeasurement> late{};
  // Offline, and its result still counts: the connection broke, and the deadline is not past.
  bool awaited = false;
  bool operator==(const TestCity&) const = default;
};

struct Test {
  std::string id;
  Target target;  // secrets redacted
  WallTime created_at{};
  WallTime deadline_at{};
  std::vector<TestCity> cities;  // in the order in which the page shows them
  bool operator==(const Test&) const = default;
};

// Every city has reached its terminal state, and none can come back from it.
inline bool is_finished(const Test& test) {
  return std::ranges::all_of(
      test.cities, [](const TestCity& city) { return is_terminal(city.state) && !city.awaited; });
}

// What a list of tests says of one of its cities.
struct PastCity {
  std::optional<CityState> state;  // absent until it has ended
  std::optional<Rating> rating;    // absent where nothing was measured
  std::optional<Micros> ttfb;
  bool operator==(const PastCity&) const = default;
};

// A test without what its cities measured.
struct PastTest {
  std::string id;
  Target target;
  WallTime created_at{};
  WallTime deadline_at{};
  std::vector<PastCity> cities;
  bool operator==(const PastTest&) const = default;
};

struct SequencedMeasurement {
  std::uint64_t sequence = 0;
  ReceivedMeasurement received;
};

// Results of one boot of an agent and gaps in the place of others: both by rising sequence number,
// and none stands for what another one does.
struct ResultBatch {
  AgentIdentity agent;
  std::uint64_t boot = 0;  // names the agent's spool
  std::vector<SequencedMeasurement> results;
  std::vector<Gap> gaps{};
  WallTime received_at{};
  // What the agent had sent before. Up to there everything must be stored, or in a gap.
  std::uint64_t follows = 0;
  // Before their turn: these results are stored, and the cursor stays.
  bool ahead = false;
};

struct BatchCommit {
  std::uint64_t acknowledged = 0;  // everything up to this sequence is stored or in a gap
  // Those that brought their city to its terminal state, with the test's id in the measurement. A
  // result for a city that had already ended is stored but is not among them; except where the city
  // had lost its agent on the way, and the deadline is not past.
  std::vector<ReceivedMeasurement> settled;
};

// A city ends without a measurement: kOffline or kTimedOut.
struct CityOutcome {
  std::string test_id;
  std::string agent_id;
  CityState state = CityState::kOffline;
  Micros elapsed{};
};

// A gap as it is known here. Of kUnreported ones nobody knows when they were given up.
struct StoredGap {
  std::uint64_t boot = 0;
  Gap gap;
  WallTime received_at{};
  bool operator==(const StoredGap&) const = default;
};

// Between two readings an agent's clock moved against the collector's by more than both can be
// wrong.
struct ClockStep {
  WallTime at{};  // when it was noticed, by the collector's clock
  Micros by{};    // positive when the agent's clock went ahead
  Micros error{};
  bool operator==(const ClockStep&) const = default;
};

// What an agent said last of its spool, what is known of its clock, and since when (by the
// collector's).
struct AgentCondition {
  struct Spool {
    SpoolStatus status;
    WallTime at{};
    bool operator==(const Spool&) const = default;
  };
  struct Clock {
    ClockOffset offset;
    WallTime at{};
    bool operator==(const Clock&) const = default;
  };
  std::optional<Spool> spool;
  std::optional<Clock> clock;
  bool operator==(const AgentCondition&) const = default;
};

struct AgentRecord {
  // Of its gaps and of its clock's steps so many of the latest are told.
  static constexpr int kLatest = 5;

  AgentIdentity identity;
  std::string version;
  WallTime last_seen_at{};
  std::optional<WallTime> last_result_at;
  AgentCondition condition{};
  std::uint64_t lost_results = 0;        // in gaps, of all its boots
  std::vector<StoredGap> gaps{};         // newest first
  std::vector<ClockStep> clock_steps{};  // newest first
};

// It started more than a tenth of its check's interval after its slot.
inline bool is_late(const CheckSlot& slot, Micros interval) { return 10 * slot.late > interval; }

// How an assigned check goes at one agent. Counts are of slots since it was assigned.
struct CheckRecord {
  // The result that came last, in short.
  struct Last {
    WallTime scheduled_at{};  // by the agent's clock, as the next
    WallTime measured_at{};
    WallTime received_at{};
    std::optional<ClockOffset> clock{};
    std::optional<int> status{};
    std::optional<Micros> ttfb{};
    Micros total{};
    std::optional<Failure> failure{};
    bool operator==(const Last&) const = default;
  };

  std::uint64_t check = 0;  // its id
  AgentIdentity agent;
  WallTime since{};  // by the collector's clock
  std::uint64_t stored = 0;
  std::uint64_t late = 0;  // of those stored
  std::uint64_t skipped = 0;
  std::optional<Last> last{};
  bool operator==(const CheckRecord&) const = default;
};

class Store {
 public:
  template <typename T = void>
  using Done = std::function<void(Expected<T>)>;

  virtual ~Store() = default;

  // ---- writes ----
  // All cities are kDispatched. Refused: an id that is there already, an agent chosen twice.
  virtual void create_test(Test test, Done<> done) = 0;
  // Stores what is not stored yet, by (agent, boot, sequence), in the same transaction as the
  // cursor. Numbers that are neither in the batch nor here, and below others that are, become a
  // gap, kUnreported; a result that comes after all takes its number out of whatever gap it is in,
  // and one that is here before its turn is in none.
  // While the disk takes nothing this waits; the Error is kInvalid for numbers that do not rise
  // ("sequence", "gap.first_sequence") and, naming no field, when the cursor is short of what the
  // batch follows; kTransient when too much waits already or the store closes.
  virtual void append(ResultBatch batch, Done<BatchCommit> done) = 0;
  // True when the city had not ended before; false when something else ended it first. Refused: a
  // city that was not chosen, a state that needs a measurement. While the disk takes nothing,
  // `done` gets kTransient at once, and this waits its turn among the results all the same: what
  // comes later must not end the city instead.
  virtual void settle(CityOutcome outcome, Done<bool> done) = 0;
  // An agent said hello, or was seen again; this becomes its description. Results alone count as
  // being seen, too.
  virtual void record_agent(AgentIdentity identity, std::string version, WallTime seen_at,
                            Done<> done) = 0;
  // What is absent of the condition stays as it was.
  virtual void record_condition(std::string agent_id, AgentCondition condition, Done<> done) = 0;
  // While the disk takes nothing, `done` gets kTransient at once, and this waits all the same: it
  // is noticed once.
  virtual void record_clock_step(std::string agent_id, ClockStep step, Done<> done) = 0;
  // From now on the agent has these checks and no others. Results of a check count as such only
  // from agents that once had it; of others they are results of nothing. While the disk takes
  // nothing this waits.
  virtual void assign(std::string agent_id, std::vector<Check> checks, WallTime at,
                      Done<> done) = 0;

  // ---- reads ----
  virtual Expected<std::optional<Test>> load_test(const std::string& id) = 0;
  // So many tests of exactly this URL at most, the newest first; where `before` is the id of a
  // test, those that are older than it.
  virtual Expected<std::vector<PastTest>> past_tests(const std::string& url,
                                                     const std::string& before, int most) = 0;
  // Tests with a city that has not ended, or that lost its agent on the way while the deadline is
  // after `now`, oldest first; less those that cannot be read, each of which is logged.
  virtual Expected<std::vector<Test>> unfinished_tests(WallTime now) = 0;
  // By id. The version is empty for an agent that delivered results but was never recorded.
  virtual Expected<std::vector<AgentRecord>> agents() = 0;
  // Of each check that an agent has now, by check and by agent.
  virtual Expected<std::vector<CheckRecord>> check_records() = 0;
  // The last stored sequence of a run of an agent, 0 when there is none.
  virtual Expected<std::uint64_t> cursor(const std::string& agent_id, std::uint64_t boot) = 0;
  // The highest sequence of a stored result of it, before its turn or not; 0 when there is none.
  virtual Expected<std::uint64_t> highest_sequence(const std::string& agent_id,
                                                   std::uint64_t boot) = 0;
  // One sentence why writes fail at present; absent when the last group was committed. The store
  // finds out by itself when they can be made again.
  virtual std::optional<std::string> write_error() const = 0;
  // So much waits to be written that no more results should be taken in for now.
  virtual bool crowded() const = 0;
};

}  // namespace firstbyte::collector
