// Runs on-demand tests: sends the orders, follows each city, and sees to it that every one of them
// reaches a terminal state by the deadline. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "collector/dispatch/agent_registry.h"
#include "collector/store/store.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/target.h"

namespace firstbyte::collector {

struct TestRequest {
  Target target;
  std::vector<std::string> agent_ids;  // empty: every agent this collector knows, connected or not
};

// Who is told how a test goes. Called under the dispatcher's lock, so in one order for everyone:
// must not block and must not call the dispatcher.
class TestObserver {
 public:
  virtual ~TestObserver() = default;
  virtual void test_started(const Test& test) = 0;
  virtual void city_changed(const Test& test, const TestCity& city) = 0;
  // The last city has reached its terminal state.
  virtual void test_finished(const Test& test) = 0;
};

class Dispatcher {
 public:
  // A probe's own deadline, its way back and the commit fit in here; past it a city is timed out.
  static constexpr std::chrono::seconds kGrace{2};

  Dispatcher(Store& store, AgentRegistry& agents, TestObserver& observer, const Clock& clock);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Lets no deadline pass and takes no agent for lost any more: what is under way is left to the
  // next run. To be called before the streams end and before the store goes, whose last callbacks
  // still come here after it. Idempotent.
  void stop() EXCLUDES(mutex_);

  // Goes on with the tests that were under way when the collector stopped.
  Expected<> adopt_unfinished();

  // The agents that a request means, in the order in which a test shows them. Errors: kInvalid with
  // the field "/agents" (unknown or repeated id), kTransient when none of them is connected or the
  // store cannot be read.
  Expected<std::vector<AgentIdentity>> choose(const TestRequest& request) const;
  // Dispatches at once, returns when the test is committed. Only the orders carry what is secret of
  // the target; the test, the store and who watches have kRedacted in its place. Errors: kTransient
  // when the store cannot write.
  Expected<Test> start(const Target& target, std::vector<AgentIdentity> agents) EXCLUDES(mutex_);
  // Both in one, with the errors of both.
  Expected<Test> start(const TestRequest& request) EXCLUDES(mutex_);

  // How a stream ended: the agent may be back with its result, or had said goodbye, with nothing
  // under way.
  enum class Loss { kConnection, kGoodbye };

  // From the ingest: an agent's probe entered a phase; its results were committed; its stream
  // ended, or is silent. Its cities are offline then, at once; where the connection broke, a result
  // still counts until the deadline, and the test goes on for those who watch it.
  void on_progress(const std::string& agent_id, const std::string& test_id, Phase phase,
                   Micros elapsed) EXCLUDES(mutex_);
  void on_settled(const std::string& agent_id, const ReceivedMeasurement& received)
      EXCLUDES(mutex_);
  void on_agent_lost(const std::string& agent_id, Loss loss) EXCLUDES(mutex_);

  // Calls `look` with the test while nothing can change it; false when it is not under way.
  bool with_running(const std::string& test_id, const std::function<void(const Test&)>& look) const
      EXCLUDES(mutex_);
  std::size_t running() const EXCLUDES(mutex_);

 private:
  struct RunningTest {
    Test test;
    MonotonicTime started;
    MonotonicTime deadline;
    bool deadline_passed = false;
  };

  void dispatch(const Test& test, const Target& target);
  void settle(const Test& test, const std::string& agent_id, CityState state, Micros elapsed,
              bool awaited);
  struct CityEnd {
    CityState state;
    Micros elapsed{};
    bool awaited = false;
    std::optional<ReceivedMeasurement> received{};
  };
  void finish_city(const std::string& test_id, const std::string& agent_id, CityEnd end)
      EXCLUDES(mutex_);
  // No result counts any more for what is offline; of this agent, or of all.
  void stop_waiting(const std::string& test_id, std::string_view agent_id) EXCLUDES(mutex_);
  void finish_if_done(const std::string& test_id) REQUIRES(mutex_);
  void watch_deadlines() EXCLUDES(mutex_);

  Store& store_;
  AgentRegistry& agents_;
  TestObserver& observer_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::map<std::string, RunningTest> tests_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread deadline_thread_;
};

}  // namespace firstbyte::collector
