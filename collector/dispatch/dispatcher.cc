#include "collector/dispatch/dispatcher.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>
#include <set>
#include <tuple>

#include "collector/dispatch/test_id.h"
#include "common/cities.h"
#include "common/utf8.h"

namespace firstbyte::collector {
namespace {

// The known cities come first, in their own order; any other after them, by id.
auto page_order(const AgentIdentity& agent) {
  const auto cities = known_cities();
  const auto at = std::ranges::find(cities, std::string_view(agent.city), &City::name);
  return std::tuple(at - cities.begin(), agent.id);
}

auto find_city_of(Test& test, const std::string& agent_id) {
  return std::ranges::find(test.cities, agent_id,
                           [](const TestCity& city) -> const auto& { return city.agent.id; });
}

// Offline, but not from the beginning: its agent had the order.
bool was_lost(const TestCity& city) {
  return city.state == CityState::kOffline && city.elapsed > Micros{0};
}

}  // namespace

Dispatcher::Dispatcher(Store& store, AgentRegistry& agents, TestObserver& observer,
                       const Clock& clock)
    : store_(store), agents_(agents), observer_(observer), clock_(clock), deadline_thread_([this] {
        watch_deadlines();
      }) {}

Dispatcher::~Dispatcher() { stop(); }

void Dispatcher::stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  if (deadline_thread_.joinable()) deadline_thread_.join();
}

Expected<> Dispatcher::adopt_unfinished() {
  const MonotonicTime now = clock_.now();
  const WallTime wall = clock_.wall();
  Expected<std::vector<Test>> tests = store_.unfinished_tests(wall);
  if (!tests) return std::unexpected(tests.error());
  MutexLock lock(mutex_);
  for (Test& test : *tests) {
    const std::string id = test.id;
    // Whatever the wall clock did meanwhile, nobody waits longer than the test was meant to last.
    const Micros left =
        std::clamp(test.deadline_at - wall, Micros{0}, test.deadline_at - test.created_at);
    const Micros since =
        std::clamp(wall - test.created_at, Micros{0}, test.deadline_at - test.created_at);
    for (TestCity& city : test.cities) city.awaited = left > Micros{0} && was_lost(city);
    const RunningTest running{std::move(test), now - since, now + left};
    const auto [adopted, fresh] = tests_.emplace(id, running);
    if (fresh) observer_.test_started(adopted->second.test);
  }
  changed_.notify_all();
  return {};
}

Expected<std::vector<AgentIdentity>> Dispatcher::choose(const TestRequest& request) const {
  std::map<std::string, AgentIdentity> known;
  Expected<std::vector<AgentRecord>> records = store_.agents();
  if (!records) return std::unexpected(records.error());
  for (AgentRecord& record : *records) known[record.identity.id] = std::move(record.identity);
  for (ConnectedAgent& agent : agents_.all()) known[agent.identity.id] = std::move(agent.identity);

  std::vector<AgentIdentity> chosen;
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < request.agent_ids.size(); ++i) {
    const std::string& id = request.agent_ids[i];
    const auto found = known.find(id);
    if (found == known.end()) {
      return invalid(fmt::format("/agents/{}", i),
                     fmt::format("no agent is called \"{}\"", cut_text(id, 64)));
    }
    if (!seen.insert(id).second) {
      return invalid(fmt::format("/agents/{}", i), fmt::format("\"{}\" is there twice", id));
    }
    chosen.push_back(found->second);
  }
  if (request.agent_ids.empty()) {
    for (auto& [id, identity] : known) chosen.push_back(std::move(identity));
  }
  const bool any_connected = std::ranges::any_of(
      chosen, [&](const AgentIdentity& agent) { return agents_.find(agent.id).has_value(); });
  if (!any_connected) {
    return transient(request.agent_ids.empty() ? "no agent is connected to this collector"
                                               : "none of the chosen agents is connected");
  }
  std::ranges::sort(chosen, {}, page_order);
  return chosen;
}

Expected<Test> Dispatcher::start(const TestRequest& request) {
  Expected<std::vector<AgentIdentity>> chosen = choose(request);
  if (!chosen) return std::unexpected(chosen.error());
  return start(request.target, *std::move(chosen));
}

Expected<Test> Dispatcher::start(const Target& target, std::vector<AgentIdentity> agents) {
  Test test;
  test.id = random_test_id();
  test.target = redacted(target);
  test.created_at = clock_.wall();
  test.deadline_at = test.created_at + target.timeout + kGrace;
  for (AgentIdentity& agent : agents) {
    TestCity city;
    city.agent = std::move(agent);
    test.cities.push_back(std::move(city));
  }

  std::promise<Expected<>> committed;
  store_.create_test(test, [&](Expected<> done) { committed.set_value(std::move(done)); });
  {
    MutexLock lock(mutex_);
    const MonotonicTime now = clock_.now();
    const auto& running = tests_[test.id] = {test, now, now + target.timeout + kGrace};
    observer_.test_started(running.test);
    changed_.notify_all();
  }
  // The writer keeps its order, so no result can be committed before the test is: no need to wait
  // here.
  dispatch(test, target);
  if (Expected<> done = committed.get_future().get(); !done) {
    MutexLock lock(mutex_);
    const auto found = tests_.find(test.id);
    if (found != tests_.end()) {
      observer_.test_finished(found->second.test);
      tests_.erase(found);
    }
    for (const TestCity& city : test.cities) {
      if (const auto agent = agents_.find(city.agent.id)) agent->link->cancel(test.id);
    }
    return std::unexpected(done.error());
  }
  return test;
}

void Dispatcher::dispatch(const Test& test, const Target& target) {
  const ProbeOrder order{.test_id = test.id, .target = target};
  for (const TestCity& city : test.cities) {
    if (const auto agent = agents_.find(city.agent.id)) {
      agent->link->order(order);
    } else {
      settle(test, city.agent.id, CityState::kOffline, Micros{0}, false);
    }
  }
}

void Dispatcher::settle(const Test& test, const std::string& agent_id, CityState state,
                        Micros elapsed, bool awaited) {
  store_.settle({test.id, agent_id, state, elapsed},
                [this, test_id = test.id, agent_id, state, elapsed, awaited](Expected<bool> first) {
                  // While it cannot be stored it is still the truth for those who watch. When
                  // something else ended the city first, that was told already.
                  if (first.value_or(true))
                    finish_city(test_id, agent_id, {state, elapsed, awaited});
                });
}

void Dispatcher::on_progress(const std::string& agent_id, const std::string& test_id, Phase phase,
                             Micros elapsed) {
  MutexLock lock(mutex_);
  const auto found = tests_.find(test_id);
  if (found == tests_.end()) return;
  Test& test = found->second.test;
  const auto city = find_city_of(test, agent_id);
  // Steps only go forward: what comes late or twice is not news.
  if (city == test.cities.end() || running_state(phase) <= city->state) return;
  city->state = running_state(phase);
  city->elapsed = elapsed;
  observer_.city_changed(test, *city);
}

void Dispatcher::on_settled(const std::string& agent_id, const ReceivedMeasurement& received) {
  const Measurement& measurement = received.measurement;
  finish_city(measurement.test_id, agent_id,
              {.state = measurement.failure ? CityState::kFailed : CityState::kFinished,
               .elapsed = measurement.timings.total(),
               .received = received});
}

void Dispatcher::finish_city(const std::string& test_id, const std::string& agent_id, CityEnd end) {
  MutexLock lock(mutex_);
  const auto found = tests_.find(test_id);
  if (found == tests_.end()) return;
  Test& test = found->second.test;
  const auto city = find_city_of(test, agent_id);
  if (city == test.cities.end()) return;
  // The store has found that a result still counts; it alone decides.
  const bool comes_back = end.received && city->state == CityState::kOffline;
  if (is_terminal(city->state) && !comes_back) return;
  city->state = end.state;
  city->elapsed = end.elapsed;
  city->awaited = end.awaited && !found->second.deadline_passed;
  city->received = std::move(end.received);
  observer_.city_changed(test, *city);
  finish_if_done(test_id);
}

void Dispatcher::stop_waiting(const std::string& test_id, std::string_view agent_id) {
  MutexLock lock(mutex_);
  const auto found = tests_.find(test_id);
  if (found == tests_.end()) return;
  for (TestCity& city : found->second.test.cities) {
    if (agent_id.empty() || city.agent.id == agent_id) city.awaited = false;
  }
  finish_if_done(test_id);
}

void Dispatcher::finish_if_done(const std::string& test_id) {
  const auto found = tests_.find(test_id);
  if (found == tests_.end() || !is_finished(found->second.test)) return;
  observer_.test_finished(found->second.test);
  tests_.erase(found);
}

void Dispatcher::on_agent_lost(const std::string& agent_id, Loss loss) {
  std::vector<std::pair<Test, Micros>> affected;
  std::vector<std::string> waiting;
  {
    MutexLock lock(mutex_);
    if (stopping_) return;
    for (const auto& [id, running] : tests_) {
      for (const TestCity& city : running.test.cities) {
        if (city.agent.id != agent_id) continue;
        // What was dispatched has taken some time: nothing would mean that it never was.
        const Micros elapsed = std::max(to_micros(clock_.now() - running.started), Micros{1});
        if (!is_terminal(city.state)) affected.emplace_back(running.test, elapsed);
        if (city.awaited) waiting.push_back(id);
      }
    }
  }
  const bool awaited = loss == Loss::kConnection;
  for (const auto& [test, elapsed] : affected) {
    settle(test, agent_id, CityState::kOffline, elapsed, awaited);
  }
  if (awaited) return;
  for (const std::string& test_id : waiting) stop_waiting(test_id, agent_id);
}

bool Dispatcher::with_running(const std::string& test_id,
                              const std::function<void(const Test&)>& look) const {
  MutexLock lock(mutex_);
  const auto found = tests_.find(test_id);
  if (found == tests_.end()) return false;
  look(found->second.test);
  return true;
}

std::size_t Dispatcher::running() const {
  MutexLock lock(mutex_);
  return tests_.size();
}

void Dispatcher::watch_deadlines() {
  while (true) {
    std::vector<std::pair<Test, Micros>> overdue;
    {
      MutexLock lock(mutex_);
      if (stopping_) return;
      auto next = MonotonicTime::max();
      for (auto& [id, running] : tests_) {
        if (running.deadline_passed) continue;
        if (running.deadline <= clock_.now()) {
          running.deadline_passed = true;
          overdue.emplace_back(running.test, to_micros(running.deadline - running.started));
        } else {
          next = std::min(next, running.deadline);
        }
      }
      if (overdue.empty()) {
        if (next == MonotonicTime::max()) {
          changed_.wait(mutex_);
        } else {
          changed_.wait_until(mutex_, next);
        }
        continue;
      }
    }
    for (const auto& [test, elapsed] : overdue) {
      stop_waiting(test.id, {});
      for (const TestCity& city : test.cities) {
        // One that is offline by its silence may still have the order on its way.
        const bool silent = city.state == CityState::kOffline;
        if (is_terminal(city.state) && !silent) continue;
        if (!silent) settle(test, city.agent.id, CityState::kTimedOut, elapsed, false);
        if (const auto agent = agents_.find(city.agent.id)) agent->link->cancel(test.id);
      }
    }
  }
}

}  // namespace firstbyte::collector
