// The domain's side of tests/golden/api: the very test and agents that those files show.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/checks/check_plan.h"
#include "collector/dispatch/agent_registry.h"
#include "collector/store/store.h"
#include "common/edge.h"
#include "tests/fakes/fake_agent.h"

namespace firstbyte::examples {

using collector::ClockOffset;
using collector::ReceivedMeasurement;
using collector::TestCity;

// 2026-11-23T03:10:00Z and so many microseconds.
inline WallTime at(std::int64_t us) {
  using namespace std::chrono_literals;
  return std::chrono::sys_days{2026y / 11 / 23} + 3h + 10min + Micros{us};
}

inline AgentIdentity new_york() {
  return {"new-york", "New York", "US", "North America", 40.7128, -74.006, {}};
}
inline AgentIdentity frankfurt() {
  return {"frankfurt", "Frankfurt", "DE", "Europe", 50.1109, 8.6821, {}};
}
inline AgentIdentity sao_paulo() {
  return {"sao-paulo", "São Paulo", "BR", "South America", -23.5505, -46.6333, {}};
}
inline AgentIdentity tokyo() { return {"tokyo", "Tokyo", "JP", "Asia", 35.6762, 139.6503, {}}; }

// The rules that are built in, and two edges of an operator.
inline const EdgeRules& edge_rules() {
  static const EdgeRules kRules(builtin_edge_rules(),
                                {{"ny1", {"New York", "US", 40.7128, -74.006}},
                                 {"la1", {"Los Angeles", "US", 34.0522, -118.2437}}});
  return kRules;
}

inline Span span(std::int64_t begin, std::int64_t end) {
  return {.begin = Micros{begin}, .end = Micros{end}};
}
inline Span by_kernel(std::int64_t begin, std::int64_t end, std::int64_t own = 0) {
  return {Micros{begin}, Micros{end}, Micros{own}, Span::Clock::kKernel};
}

inline ReceivedMeasurement answer() {
  using namespace std::chrono_literals;
  Measurement m;
  m.test_id = "0k3v9x2m7qf5d";
  m.url = "https://www.example.net/";
  m.measured_at = at(123'456);
  m.timings =
      Timings::make({by_kernel(120, 8'350), span(8'420, 16'500), by_kernel(16'900, 25'100, 300),
                     by_kernel(25'300, 33'980), by_kernel(33'980, 34'105)},
                    Micros{34'110})
          .value();
  m.status = 200;
  m.http_version = "2";
  m.remote = Endpoint{"192.0.2.1", 443};
  m.local = Endpoint{"198.51.100.7", 49152};
  m.dns = DnsAnswer{"192.0.2.53:53", {{"192.0.2.1", 60s}}, {"edge.example.net"}, false};
  m.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=www.example.net", "CN=Example CA",
                   std::chrono::sys_days{2027y / 2 / 1}};
  m.tcp = TcpConnection{8'080us, 8'010us, 1, "cubic"};
  m.headers = {{"server", "nginx/1.22.1"},
               {"date", "Mon, 23 Nov 2026 03:10:00 GMT"},
               {"content-type", "text/plain"},
               {"x-edge-route", "ny1"},
               {"set-cookie", "<redacted>"},
               {"via", "1.1 a"},
               {"via", "1.1 b"}};
  m.body_bytes = 3;
  m.family = Family::kIpv4;
  m.self_check = {
      84us, false, false,
      ControlCheck{"https://control.example.net/", at(0) - 42s, 21'300us, std::nullopt}};
  return {std::move(m), at(171'234), ClockOffset{Micros{-180}, Micros{240}}};
}

// A redirect to answer().
inline Measurement hop() {
  using namespace std::chrono_literals;
  Measurement m;
  m.url = "http://example.net/";
  m.measured_at = at(110'000);
  m.timings = Timings::make({by_kernel(90, 4'100), by_kernel(4'200, 8'300), std::nullopt,
                             by_kernel(8'350, 12'400), by_kernel(12'400, 12'400)},
                            Micros{12'410})
                  .value();
  m.status = 301;
  m.http_version = "1.1";
  m.remote = Endpoint{"192.0.2.1", 80};
  m.local = Endpoint{"198.51.100.7", 49151};
  m.dns = DnsAnswer{"192.0.2.53:53", {{"192.0.2.1", 60s}}, {}, true};
  m.tcp = TcpConnection{4'090us, 4'080us, 0, "cubic"};
  m.headers = {{"location", "https://www.example.net/"}};
  m.body_bytes = 0;
  m.family = Family::kIpv4;
  m.self_check = SelfCheck{};
  return m;
}

// Both families, two samples of each asked for; the second over IPv6 met an alert, and ended it.
inline ReceivedMeasurement samples() {
  Measurement first = answer().measurement;
  first.redirects = {hop()};
  Measurement second = first;
  second.reuse = Reuse::kResumed;
  second.tls->resumed = true;
  second.redirects.clear();
  Measurement alert;
  alert.test_id = first.test_id;
  alert.url = first.url;
  alert.measured_at = at(190'000);
  alert.timings = Timings::make({by_kernel(110, 8'200), by_kernel(8'300, 16'200),
                                 by_kernel(16'600, 24'700), std::nullopt, std::nullopt},
                                Micros{24'800})
                      .value();
  alert.remote = Endpoint{"2001:db8::1", 443};
  alert.local = Endpoint{"2001:db8::7", 49153};
  alert.dns = DnsAnswer{"192.0.2.53:53", {{"2001:db8::1", std::chrono::seconds{60}}}, {}, false};
  alert.body_bytes = 0;
  alert.family = Family::kIpv6;
  alert.failure = Failure{Phase::kTls, Origin::kTarget, Cause::kAlert,
                          "the server ended the handshake with alert 40, handshake_failure", 40};
  alert.self_check = {Micros{61'000}, true, false, {}};
  Measurement m = alert;
  m.samples = {first, second, alert};
  return {std::move(m), at(231'234), ClockOffset{Micros{-180}, Micros{240}}};
}

inline ReceivedMeasurement refusal() {
  using namespace std::chrono_literals;
  Measurement m;
  m.test_id = "0k3v9x2m7qf5d";
  m.url = "https://www.example.net/";
  m.measured_at = at(120'000);
  m.timings =
      Timings::make({span(100, 9'100), span(9'200, 21'200), {}, {}, {}}, Micros{21'230}).value();
  m.remote = Endpoint{"192.0.2.1", 443};
  m.dns = DnsAnswer{"192.0.2.53:53", {{"192.0.2.1", 60s}}, {}, false};
  m.failure = Failure{Phase::kConnect, Origin::kTarget, Cause::kRefused,
                      "192.0.2.1 port 443 refused the connection"};
  m.body_bytes = 0;
  m.family = Family::kIpv4;
  m.self_check = SelfCheck{};
  return {std::move(m), at(160'000), {}};
}

// Four cities in four states; Tokyo is still under way.
inline collector::Test running_test() {
  using namespace std::chrono_literals;
  collector::Test test{
      "0k3v9x2m7qf5d", {.url = "https://www.example.net/"}, at(100'000), at(100'000) + 10s, {}};
  test.cities = {{new_york(), CityState::kFinished, Micros{34'110}, answer()},
                 {frankfurt(), CityState::kFailed, Micros{21'230}, refusal()},
                 {sao_paulo(), CityState::kOffline, Micros{0}, {}},
                 {tokyo(), CityState::kTls, Micros{41'200}, {}}};
  return test;
}

// The same test after its deadline; what Tokyo measured came two seconds late.
inline collector::Test finished_test() {
  using namespace std::chrono_literals;
  collector::Test test = running_test();
  test.cities.back().state = CityState::kTimedOut;
  test.cities.back().elapsed = 10s;
  test.cities.back().late = refusal();
  test.cities.back().late->received_at = test.deadline_at + 2s;
  return test;
}

// The one after it, with New York's edge gone: Los Angeles answers there now, and runs what is
// newer. Frankfurt answers again, São Paulo is still away, Tokyo was not asked.
inline collector::Test test_after_a_cut() {
  using namespace std::chrono_literals;
  collector::Test test = running_test();
  test.id = "0k3v9x2m7qf5f";
  test.created_at += 90s;
  test.deadline_at += 90s;
  test.cities.pop_back();
  collector::ReceivedMeasurement far = answer();
  far.received_at += 90s;
  Measurement& m = far.measurement;
  m.test_id = test.id;
  m.measured_at += 90s;
  m.timings =
      Timings::make({by_kernel(120, 8'350), span(8'420, 82'500), by_kernel(82'900, 156'100, 300),
                     by_kernel(156'300, 230'980), by_kernel(230'980, 231'105)},
                    Micros{231'110})
          .value();
  m.headers = {{"server", "nginx/1.22.1"},     {"date", "Mon, 23 Nov 2026 03:11:30 GMT"},
               {"content-type", "text/plain"}, {"x-edge-route", "la1"},
               {"x-version", "v412"},          {"via", "1.1 a"}};
  test.cities[0].elapsed = Micros{231'110};
  test.cities[0].received = far;
  test.cities[1].state = CityState::kFinished;
  test.cities[1].elapsed = Micros{34'110};
  test.cities[1].received = answer();
  return test;
}

// A test that makes use of what can be asked for.
inline collector::Test sampled_test() {
  using namespace std::chrono_literals;
  Target target{.url = "http://example.net/"};
  target.method = Method::kPost;
  target.headers = {{"Accept", "text/plain"}, {"Authorization", std::string(kRedacted)}};
  target.body = "ping";
  target.http_version = HttpVersion::k2;
  target.family = Family::kBoth;
  target.resolver = Endpoint{"192.0.2.53", 53};
  target.max_redirects = 3;
  target.reuse = Reuse::kResumed;
  target.samples = 2;
  target.phase_limits[static_cast<std::size_t>(Phase::kConnect)] = 2s;
  target.timeout = 20s;
  target.expect = {StatusRange{200, 299}, {{"x-edge-route", "ny1"}, {"date", {}}}, 14, 400ms};
  return {"0k3v9x2m7qf5e",
          std::move(target),
          at(100'000),
          at(100'000) + 22s,
          {{new_york(), CityState::kFailed, Micros{24'800}, samples()}}};
}

// What is probed on a schedule: one everywhere, the other in one city, by an agent that was never
// here.
inline collector::CheckPlan check_plan() {
  using namespace std::chrono_literals;
  collector::ConfiguredTarget front{
      {.name = "front", .target = {.url = "https://www.example.net/"}, .interval = 30s}, {}};
  collector::ConfiguredTarget api{
      {.name = "api", .target = {.url = "https://api.example.net/"}, .interval = 500ms}, {"Tokyo"}};
  api.check.target.headers = {{"authorization", "Bearer 1"}};
  api.check.target.timeout = 500ms;
  front.check.id = collector::check_id(front.check);
  api.check.id = collector::check_id(api.check);
  return collector::CheckPlan({front, api});
}
// At 03:10:10: New York's answer is here, Frankfurt's last one failed half an hour ago, and São
// Paulo has sent none.
inline std::vector<collector::CheckRecord> check_records() {
  using namespace std::chrono_literals;
  const std::uint64_t front = check_plan().targets().front().check.id;
  const collector::ReceivedMeasurement good = answer();
  const collector::ReceivedMeasurement bad = refusal();
  return {{.check = front,
           .agent = new_york(),
           .since = at(0) - 1h,
           .stored = 110,
           .late = 2,
           .skipped = 4,
           .last = {{at(100'000),
                     at(123'456),
                     good.received_at,
                     good.clock,
                     200,
                     good.measurement.timings.ttfb(),
                     good.measurement.timings.total(),
                     {}}}},
          {.check = front,
           .agent = frankfurt(),
           .since = at(0) - 1h,
           .stored = 60,
           .last = {{at(0) - 30min,
                     at(1'000) - 30min,
                     at(30'000) - 30min,
                     {},
                     {},
                     {},
                     bad.measurement.timings.total(),
                     bad.measurement.failure}}},
          {.check = front, .agent = sao_paulo(), .since = at(0) - 30s}};
}

// New York is connected, São Paulo is not, and nothing is known of it but that it was.
inline std::vector<collector::AgentRecord> agent_records() {
  using namespace std::chrono_literals;
  collector::AgentRecord known{new_york(), "0.1.0", at(0) + 5s, at(171'234)};
  known.lost_results = 1'200;
  known.gaps = {{0x5f3a, {7'001, 8'000, GapReason::kSpoolFull, at(0) - 1h}, at(0) - 10min},
                {0x5f3a, {401, 600, GapReason::kUnreported, {}}, at(0) - 26h}};
  known.clock_steps = {{at(0) - 3min, -90s, Micros{410}}};
  return {known, {sao_paulo(), "0.1.0", at(0) - 7h - 10min, {}}};
}
inline std::vector<collector::ConnectedAgent> connected_agents() {
  using namespace std::chrono_literals;
  const collector::AgentCondition condition{
      .spool = collector::AgentCondition::Spool{{.results = 42,
                                                 .bytes = 65'536,
                                                 .oldest_measured_at = at(0) - 30s,
                                                 .lost = 1'000,
                                                 .error = "",
                                                 .set_aside_at = {}},
                                                at(0)},
      .clock = collector::AgentCondition::Clock{{Micros{-180}, Micros{240}}, at(0) + 5s}};
  return {{new_york(),
           "0.1.0",
           at(0) - 10min,
           std::make_shared<fakes::FakeAgentLink>(condition),
           {"http/1.1", "http/2"}}};
}

}  // namespace firstbyte::examples
