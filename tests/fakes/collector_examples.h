// The domain's side of tests/golden/api: the very test and agents that those files show.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "collector/dispatch/agent_registry.h"
#include "collector/store/store.h"
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
  m.dns = DnsAnswer{"192.0.2.53:53", {{"192.0.2.1", 60s}}, {"edge.example.net"}};
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
  return {std::move(m), at(171'234), ClockOffset{Micros{-180}, Micros{240}}};
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
  m.dns = DnsAnswer{"192.0.2.53:53", {{"192.0.2.1", 60s}}, {}};
  m.failure = Failure{Phase::kConnect, Origin::kTarget, Cause::kRefused,
                      "192.0.2.1 port 443 refused the connection"};
  return {std::move(m), at(160'000), {}};
}

// Four cities in four states; Tokyo is still under way.
inline collector::Test running_test() {
  using namespace std::chrono_literals;
  collector::Test test{
      "0k3v9x2m7qf5d", "https://www.example.net/", at(100'000), at(100'000) + 10s, {}};
  test.cities = {{new_york(), CityState::kFinished, Micros{34'110}, answer()},
                 {frankfurt(), CityState::kFailed, Micros{21'230}, refusal()},
                 {sao_paulo(), CityState::kOffline, Micros{0}, {}},
                 {tokyo(), CityState::kTls, Micros{41'200}, {}}};
  return test;
}

// The same test after its deadline.
inline collector::Test finished_test() {
  collector::Test test = running_test();
  test.cities.back().state = CityState::kTimedOut;
  test.cities.back().elapsed = std::chrono::seconds{10};
  return test;
}

// New York is connected, São Paulo is not.
inline std::vector<collector::AgentRecord> agent_records() {
  using namespace std::chrono_literals;
  return {{new_york(), "0.1.0", at(0) + 5s, at(171'234)},
          {sao_paulo(), "0.1.0", at(0) - 7h - 10min, {}}};
}
inline std::vector<collector::ConnectedAgent> connected_agents() {
  using namespace std::chrono_literals;
  return {{new_york(), "0.1.0", at(0) - 10min,
           std::make_shared<fakes::FakeAgentLink>(ClockOffset{Micros{-180}, Micros{240}})}};
}

}  // namespace firstbyte::examples
