// A store in memory: keeps its promises, forgets everything, and can be told to be slow or broken.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/store.h"
#include "common/mutex.h"

namespace firstbyte::fakes {

inline collector::PastTest past_of(const collector::Test& test) {
  collector::PastTest past{test.id, test.target, test.created_at, test.deadline_at, {}};
  for (const collector::TestCity& city : test.cities) {
    collector::PastCity& short_form = past.cities.emplace_back();
    if (is_terminal(city.state)) short_form.state = city.state;
    if (!city.received) continue;
    short_form.rating = rate(city.received->measurement);
    short_form.ttfb = city.received->measurement.timings.ttfb();
  }
  return past;
}

// Thread-safe. Writes are done at once, on the caller's thread, unless they are held.
class FakeStore final : public collector::Store {
 public:
  // As if stored by an earlier run.
  void put(collector::Test test) {
    MutexLock lock(mutex_);
    std::string id = test.id;
    tests_.insert_or_assign(std::move(id), std::move(test));
  }
  // From now on writes wait, in their order, until they are released; if it is for a reason, the
  // store says so.
  void hold_writes(std::optional<std::string> why = {}) {
    MutexLock lock(mutex_);
    holding_ = true;
    held_for_ = std::move(why);
  }
  void release_writes() {
    std::deque<std::function<void()>> waiting;
    {
      MutexLock lock(mutex_);
      holding_ = false;
      held_for_.reset();
      waiting.swap(held_);
    }
    for (const auto& write : waiting) write();
  }
  std::size_t held_writes() const {
    MutexLock lock(mutex_);
    return held_.size();
  }
  // From now on writes fail with this sentence, or not any more.
  void break_writes(std::optional<std::string> sentence) {
    MutexLock lock(mutex_);
    broken_ = std::move(sentence);
  }
  // From now on too much waits, or not any more.
  void crowd(bool crowded) {
    MutexLock lock(mutex_);
    crowded_ = crowded;
  }
  // Called whenever an agent's cursor is read: just before it is welcomed.
  void on_cursor(std::function<void()> call) {
    MutexLock lock(mutex_);
    on_cursor_ = std::move(call);
  }
  // Called whenever results come, before anything is done with them.
  void on_append(std::function<void()> call) {
    MutexLock lock(mutex_);
    on_append_ = std::move(call);
  }
  std::vector<std::uint64_t> stored_sequences() const {
    MutexLock lock(mutex_);
    return stored_sequences_;
  }
  // How many results came together, each time.
  std::vector<std::size_t> batch_sizes() const {
    MutexLock lock(mutex_);
    return batch_sizes_;
  }
  // From now on reads fail, or not any more.
  void break_reads(bool broken = true) {
    MutexLock lock(mutex_);
    reads_broken_ = broken;
  }

  void create_test(collector::Test test, Done<> done) override {
    write<void>(std::move(done), [this, test = std::move(test)]() -> Expected<> {
      if (!tests_.emplace(test.id, test).second) return invalid("/id", "it is there already");
      return {};
    });
  }

  void append(collector::ResultBatch batch, Done<collector::BatchCommit> done) override {
    announce(on_append_);
    write<collector::BatchCommit>(std::move(done), [this, batch = std::move(batch)] {
      batch_sizes_.push_back(batch.results.size());
      std::uint64_t& cursor = cursors_[{batch.agent.id, batch.boot}];
      collector::BatchCommit commit;
      for (const collector::SequencedMeasurement& result : batch.results) {
        if (result.sequence <= cursor) continue;
        if (!batch.ahead) cursor = result.sequence;
        std::set<std::uint64_t>& ahead = ahead_[{batch.agent.id, batch.boot}];
        if (batch.ahead ? !ahead.insert(result.sequence).second : ahead.contains(result.sequence)) {
          continue;
        }
        stored_sequences_.push_back(result.sequence);
        const Measurement& measurement = result.received.measurement;
        collector::Test* test = find(measurement.test_id);
        collector::TestCity* city = find(measurement.test_id, batch.agent.id);
        if (city == nullptr) continue;
        const bool lost = city->state == CityState::kOffline && city->elapsed > Micros{0};
        const bool counts = lost && result.received.received_at <= test->deadline_at;
        if (is_terminal(city->state) && !counts) {
          if (lost || city->state == CityState::kTimedOut) city->late = result.received;
          continue;
        }
        city->state = measurement.failure ? CityState::kFailed : CityState::kFinished;
        city->elapsed = measurement.timings.total();
        city->received = result.received;
        commit.settled.push_back(result.received);
      }
      for (const Gap& gap : batch.gaps) cursor = std::max(cursor, gap.last);
      commit.acknowledged = cursor;
      return Expected<collector::BatchCommit>(std::move(commit));
    });
  }

  void settle(collector::CityOutcome outcome, Done<bool> done) override {
    write<bool>(std::move(done), [this, outcome = std::move(outcome)]() -> Expected<bool> {
      collector::TestCity* city = find(outcome.test_id, outcome.agent_id);
      if (city == nullptr) return invalid("agent_id", "it was not chosen");
      if (is_terminal(city->state)) return false;
      city->state = outcome.state;
      city->elapsed = outcome.elapsed;
      return true;
    });
  }

  void record_agent(AgentIdentity identity, std::string version, WallTime seen_at,
                    Done<> done) override {
    write<void>(std::move(done),
                [this, identity = std::move(identity), version = std::move(version),
                 seen_at]() -> Expected<> {
                  collector::AgentRecord& record = agents_[identity.id];
                  record.identity = identity;
                  record.version = version;
                  record.last_seen_at = seen_at;
                  return {};
                });
  }

  void record_condition(std::string agent_id, collector::AgentCondition condition,
                        Done<> done) override {
    write<void>(
        std::move(done),
        [this, agent_id = std::move(agent_id), condition = std::move(condition)]() -> Expected<> {
          collector::AgentCondition& known = agents_[agent_id].condition;
          if (condition.spool) known.spool = condition.spool;
          if (condition.clock) known.clock = condition.clock;
          return {};
        });
  }

  void record_clock_step(std::string agent_id, collector::ClockStep step, Done<> done) override {
    write<void>(std::move(done), [this, agent_id = std::move(agent_id), step]() -> Expected<> {
      agents_[agent_id].clock_steps.push_back(step);
      return {};
    });
  }

  void assign(std::string agent_id, std::vector<Check> checks, WallTime at, Done<> done) override {
    write<void>(
        std::move(done),
        [this, agent_id = std::move(agent_id), checks = std::move(checks), at]() -> Expected<> {
          std::erase_if(check_records_, [&](const auto& r) { return r.agent.id == agent_id; });
          for (const Check& check : checks) {
            collector::CheckRecord& record = check_records_.emplace_back();
            record.check = check.id;
            record.agent.id = agent_id;
            record.since = at;
          }
          return {};
        });
  }
  void put(std::vector<collector::CheckRecord> records) {
    MutexLock lock(mutex_);
    check_records_ = std::move(records);
  }

  Expected<std::vector<collector::CheckRecord>> check_records() override {
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    return check_records_;
  }

  Expected<std::optional<collector::Test>> load_test(const std::string& id) override {
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    const auto found = tests_.find(id);
    if (found == tests_.end()) return std::nullopt;
    return found->second;
  }

  Expected<std::vector<collector::PastTest>> past_tests(const std::string& url,
                                                        const std::string& before,
                                                        int most) override {
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    std::vector<collector::PastTest> found;
    for (const auto& [id, test] : tests_) {
      if (test.target.url == url) found.push_back(past_of(test));
    }
    const auto age = [](const collector::PastTest& test) {
      return std::pair(test.created_at, test.id);
    };
    std::ranges::sort(found, std::ranges::greater{}, age);
    if (const auto last = std::ranges::find(found, before, &collector::PastTest::id);
        last != found.end()) {
      found.erase(found.begin(), last + 1);
    }
    found.resize(std::min(found.size(), static_cast<std::size_t>(most)));
    return found;
  }

  Expected<std::vector<collector::Test>> unfinished_tests(WallTime now) override {
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    std::vector<collector::Test> unfinished;
    for (const auto& [id, test] : tests_) {
      const bool comes_back = std::ranges::any_of(test.cities, [&](const auto& city) {
        return test.deadline_at > now && city.state == CityState::kOffline &&
               city.elapsed > Micros{0};
      });
      if (!is_finished(test) || comes_back) unfinished.push_back(test);
    }
    return unfinished;
  }

  Expected<std::vector<collector::AgentRecord>> agents() override {
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    std::vector<collector::AgentRecord> records;
    for (const auto& [id, record] : agents_) records.push_back(record);
    return records;
  }

  Expected<std::uint64_t> cursor(const std::string& agent_id, std::uint64_t boot) override {
    announce(on_cursor_);
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    const auto found = cursors_.find({agent_id, boot});
    return found == cursors_.end() ? 0 : found->second;
  }

  Expected<std::uint64_t> highest_sequence(const std::string& agent_id,
                                           std::uint64_t boot) override {
    MutexLock lock(mutex_);
    if (reads_broken_) return transient("the disk is gone");
    const auto ahead = ahead_.find({agent_id, boot});
    const auto cursor = cursors_.find({agent_id, boot});
    return std::max(cursor == cursors_.end() ? 0 : cursor->second,
                    ahead == ahead_.end() || ahead->second.empty() ? 0 : *ahead->second.rbegin());
  }

  std::optional<std::string> write_error() const override {
    MutexLock lock(mutex_);
    return broken_ ? broken_ : held_for_;
  }
  bool crowded() const override {
    MutexLock lock(mutex_);
    return crowded_;
  }

 private:
  template <typename T, typename Change>
  void write(Done<T> done, Change change) {
    std::function<void()> apply = [this, done = std::move(done), change = std::move(change)] {
      Expected<T> outcome = transient("not done");
      {
        MutexLock lock(mutex_);
        outcome = broken_ ? Expected<T>(transient(*broken_)) : change();
      }
      done(std::move(outcome));
    };
    {
      MutexLock lock(mutex_);
      if (holding_) {
        held_.push_back(std::move(apply));
        return;
      }
    }
    apply();
  }

  void announce(const std::function<void()>& listener) {
    std::function<void()> call;
    {
      MutexLock lock(mutex_);
      call = listener;
    }
    if (call) call();
  }

  collector::Test* find(const std::string& test_id) {
    const auto test = tests_.find(test_id);
    return test == tests_.end() ? nullptr : &test->second;
  }

  collector::TestCity* find(const std::string& test_id, const std::string& agent_id) {
    collector::Test* test = find(test_id);
    if (test == nullptr) return nullptr;
    for (collector::TestCity& city : test->cities) {
      if (city.agent.id == agent_id) return &city;
    }
    return nullptr;
  }

  mutable Mutex mutex_;
  std::map<std::string, collector::Test> tests_;
  std::map<std::string, collector::AgentRecord> agents_;
  std::map<std::pair<std::string, std::uint64_t>, std::uint64_t> cursors_;
  std::vector<collector::CheckRecord> check_records_;
  std::map<std::pair<std::string, std::uint64_t>, std::set<std::uint64_t>> ahead_;
  std::deque<std::function<void()>> held_;
  std::function<void()> on_cursor_;
  std::function<void()> on_append_;
  std::vector<std::uint64_t> stored_sequences_;
  std::vector<std::size_t> batch_sizes_;
  bool holding_ = false;
  std::optional<std::string> held_for_;
  bool reads_broken_ = false;
  bool crowded_ = false;
  std::optional<std::string> broken_;
};

}  // namespace firstbyte::fakes
