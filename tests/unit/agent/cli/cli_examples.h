// Measurements that the golden files of tests/golden/cli show.
#pragma once

#include <chrono>
#include <string>

#include "common/measurement.h"

namespace firstbyte::agent::examples {

inline Span span(std::int64_t begin, std::int64_t end) {
  Span made;
  made.begin = Micros{begin};
  made.end = Micros{end};
  made.clock = Span::Clock::kKernel;
  return made;
}

inline Measurement answer() {
  using namespace std::chrono_literals;
  Measurement m;
  m.url = "https://www.example.net/";
  m.measured_at = std::chrono::sys_days{2026y / 11 / 23} + 3h + 10min;
  m.timings = Timings::make({span(120, 8'350), span(8'420, 16'500), span(16'900, 25'100),
                             span(26'300, 33'980), span(33'980, 34'105)},
                            Micros{34'110})
                  .value();
  m.status = 200;
  m.http_version = "2";
  m.remote = Endpoint{"192.0.2.1", 443};
  m.local = Endpoint{"198.51.100.7", 49152};
  m.tcp = TcpConnection{Micros{8'080}, Micros{7'990}, 0, "cubic"};
  m.dns =
      DnsAnswer{"192.0.2.53:53", {{"192.0.2.1", 60s}, {"192.0.2.2", 60s}}, {"edge.example.net"}};
  m.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=www.example.net", "CN=Example CA",
                   std::chrono::sys_days{2027y / 2 / 1}};
  m.headers = {
      {"server", "nginx/1.22.1"}, {"x-edge-route", "ny1"}, {"via", "1.1 a"}, {"via", "1.1 b"}};
  return m;
}

// Refused, as seen by an agent whose kernel stamped nothing, over IPv6.
inline Measurement refused() {
  using namespace std::chrono_literals;
  Measurement m;
  m.url = "http://[2001:db8::1]/";
  m.measured_at = std::chrono::sys_days{2026y / 11 / 23} + 3h + 10min;
  Span connect = span(210, 21'200);
  connect.clock = Span::Clock::kAgent;
  m.timings =
      Timings::make({std::nullopt, connect, std::nullopt, std::nullopt, std::nullopt}, 21'230us)
          .value();
  m.remote = Endpoint{"2001:db8::1", 80};
  m.failure = Failure{Phase::kConnect, Origin::kTarget, Cause::kRefused,
                      "2001:db8::1 port 80 refused the connection"};
  return m;
}

}  // namespace firstbyte::agent::examples
