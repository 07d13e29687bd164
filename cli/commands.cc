#include "cli/commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "cli/agents_text.h"
#include "cli/city_choice.h"
#include "cli/comparison_text.h"
#include "cli/follow.h"
#include "cli/json_parts.h"
#include "cli/printable.h"
#include "cli/test_text.h"
#include "common/target_json.h"

namespace firstbyte::cli {
namespace {

namespace json = boost::json;

Expected<> print(const std::string& text) {
  const bool printed =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return printed ? Expected<>{} : fatal("cannot write to standard output");
}

Expected<> print_json(const std::string& body) { return print(printable_json(body) + "\n"); }

Expected<json::object> get_object(const HttpClient& client, const std::string& path) {
  const Expected<std::string> body = client.get(path);
  if (!body) return std::unexpected(body.error());
  return parse_object(*body);
}

Expected<std::vector<std::string>> agents_in(const HttpClient& client,
                                             const std::vector<std::string>& cities) {
  const Expected<json::object> object = get_object(client, "/agents");
  if (!object) return std::unexpected(object.error());
  const Expected<std::vector<AgentView>> agents = read_agents(*object);
  if (!agents) return std::unexpected(agents.error());
  std::vector<KnownAgent> known;
  for (const AgentView& agent : *agents) known.push_back({agent.id, agent.city});
  return choose_agents(cities, known);
}

// A test under way, for its viewer.
class Watching {
 public:
  Watching(const HttpClient& client, std::string collector, std::string id,
           const Surroundings& surroundings, bool as_json)
      : client_(client),
        collector_(std::move(collector)),
        id_(std::move(id)),
        surroundings_(surroundings),
        as_json_(as_json),
        live_(surroundings.style, surroundings.live_lines) {}

  // Gives the exit status.
  Expected<int> run() {
    const bool is_live = !as_json_ && surroundings_.live_lines > 0;
    const auto on_change = [&](const TestView& test) {
      if (is_live && printed_) printed_ = print(live_.redrawn(test));
    };
    const Expected<TestView> test =
        follow({.open =
                    [&](const std::string& last_id, const auto& take) {
                      return client_.stream(path() + "/events", last_id, take);
                    },
                .pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }},
               on_change);
    if (!printed_) return std::unexpected(printed_.error());
    if (!test) return std::unexpected(interrupted(test.error()));
    if (const auto shown = show(*test); !shown) return std::unexpected(shown.error());
    return status_of(*test);
  }

 private:
  std::string path() const { return "/tests/" + id_; }

  Expected<> show(const TestView& test) {
    if (as_json_) {
      const Expected<std::string> body = client_.get(path());
      return body ? print_json(*body) : std::unexpected(body.error());
    }
    return print(live_.erased() + test_table(test, surroundings_.style) + "\n" +
                 test_page(collector_, id_) + "\n");
  }

  // What cannot be followed any more can be looked up later.
  Error interrupted(Error error) const {
    if (error.kind == Error::Kind::kTransient) {
      error.message += fmt::format("; the test is at {}", test_page(collector_, id_));
    }
    return error;
  }

  const HttpClient& client_;
  const std::string collector_;
  const std::string id_;
  const Surroundings& surroundings_;
  const bool as_json_;
  LiveTable live_;
  Expected<> printed_;
};

Expected<int> run_test(const TestCommand& command, const CollectorOptions& options,
                       const Surroundings& surroundings) {
  const Expected<CollectorAccess> access = find_collector(options, surroundings.environment, {});
  if (!access) return std::unexpected(access.error());
  const HttpClient client(*access);
  json::object request = target_value(command.target);
  if (!command.from.empty()) {
    const auto ids = agents_in(client, command.from);
    if (!ids) return std::unexpected(ids.error());
    request["agents"] = json::array(ids->begin(), ids->end());
  }
  const Expected<std::string> body = client.post("/tests", json::serialize(request));
  if (!body) return std::unexpected(body.error());
  const Expected<json::object> object = parse_object(*body);
  if (!object) return std::unexpected(object.error());
  const Expected<TestView> test = read_test(*object);
  if (!test) return std::unexpected(test.error());
  if (command.wait) {
    return Watching(client, access->collector, test->id, surroundings, command.json).run();
  }
  const Expected<> printed =
      command.json ? print_json(*body) : print(test_page(access->collector, test->id) + "\n");
  if (!printed) return std::unexpected(printed.error());
  return kAllWell;
}

Expected<int> run_watch(const WatchCommand& command, const CollectorOptions& options,
                        const Surroundings& surroundings) {
  const Expected<TestReference> test = parse_test_reference(command.test, "TEST");
  if (!test) return std::unexpected(test.error());
  const auto access = find_collector(options, surroundings.environment, {*test});
  if (!access) return std::unexpected(access.error());
  const HttpClient client(*access);
  return Watching(client, access->collector, test->id, surroundings, command.json).run();
}

Expected<int> run_compare(const CompareCommand& command, const CollectorOptions& options,
                          const Surroundings& surroundings) {
  const Expected<TestReference> before = parse_test_reference(command.before, "BEFORE");
  if (!before) return std::unexpected(before.error());
  const Expected<TestReference> after = parse_test_reference(command.after, "AFTER");
  if (!after) return std::unexpected(after.error());
  const auto access = find_collector(options, surroundings.environment, {*before, *after});
  if (!access) return std::unexpected(access.error());
  const HttpClient client(*access);
  const Expected<std::string> body =
      client.get(fmt::format("/comparisons?before={}&after={}", before->id, after->id));
  if (!body) return std::unexpected(body.error());
  const Expected<json::object> object = parse_object(*body);
  if (!object) return std::unexpected(object.error());
  const Expected<ComparisonView> comparison = read_comparison(*object);
  if (!comparison) return std::unexpected(comparison.error());
  const Expected<> printed =
      command.json ? print_json(*body)
                   : print(comparison_text(*comparison, surroundings.style) + "\n" +
                           comparison_page(access->collector, before->id, after->id) + "\n");
  if (!printed) return std::unexpected(printed.error());
  const bool broken = std::ranges::any_of(
      comparison->cities, [](const ComparedCity& city) { return city.change == "failed"; });
  return broken ? kSomeFailed : kAllWell;
}

Expected<int> run_agents(const AgentsCommand& command, const CollectorOptions& options,
                         const Surroundings& surroundings) {
  const Expected<CollectorAccess> access = find_collector(options, surroundings.environment, {});
  if (!access) return std::unexpected(access.error());
  const Expected<std::string> body = HttpClient(*access).get("/agents");
  if (!body) return std::unexpected(body.error());
  const Expected<json::object> object = parse_object(*body);
  if (!object) return std::unexpected(object.error());
  const Expected<std::vector<AgentView>> agents = read_agents(*object);
  if (!agents) return std::unexpected(agents.error());
  const Expected<> printed =
      command.json ? print_json(*body) : print(agents_text(*agents, surroundings.style));
  if (!printed) return std::unexpected(printed.error());
  return kAllWell;
}

}  // namespace

int status_of(const TestView& test) {
  const auto any = [&](Outcome outcome) {
    return std::ranges::any_of(test.cities,
                               [&](const CityView& city) { return outcome_of(city) == outcome; });
  };
  if (any(Outcome::kFailed)) return kSomeFailed;
  const bool all_answered =
      !test.cities.empty() && !any(Outcome::kNoData) && !any(Outcome::kRunning);
  return all_answered ? kAllWell : kNotMeasured;
}

Expected<int> run_command(const Options& options, const Surroundings& surroundings) {
  const CollectorOptions& collector = options.collector;
  if (const auto* test = std::get_if<TestCommand>(&options.command)) {
    return run_test(*test, collector, surroundings);
  }
  if (const auto* watch = std::get_if<WatchCommand>(&options.command)) {
    return run_watch(*watch, collector, surroundings);
  }
  if (const auto* compare = std::get_if<CompareCommand>(&options.command)) {
    return run_compare(*compare, collector, surroundings);
  }
  return run_agents(std::get<AgentsCommand>(options.command), collector, surroundings);
}

}  // namespace firstbyte::cli
