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
  m.dns = DnsAnswer{
      "192.0.2.53:53", {{"192.0.2.1", 60s}, {"192.0.2.2", 60s}}, {"edge.example.net"}, false};
  m.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=www.example.net", "CN=Example CA",
                   std::chrono::sys_days{2027y / 2 / 1}};
  m.body_bytes = 612;
  m.self_check = SelfCheck{};
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
  m.self_check = SelfCheck{};
  return m;
}

// From the plain URL to the one with TLS.
inline Measurement redirect() {
  using namespace std::chrono_literals;
  Measurement m;
  m.url = "http://www.example.net/";
  m.measured_at = std::chrono::sys_days{2026y / 11 / 23} + 3h + 10min;
  m.timings = Timings::make({span(120, 8'350), span(8'420, 16'500), std::nullopt,
                             span(16'560, 24'600), span(24'600, 24'600)},
                            Micros{24'650})
                  .value();
  m.status = 301;
  m.http_version = "1.1";
  m.remote = Endpoint{"192.0.2.1", 80};
  m.headers = {{"server", "nginx/1.22.1"}, {"location", "https://www.example.net/"}};
  m.body_bytes = 0;
  m.self_check = SelfCheck{};
  return m;
}

// Three cold samples over IPv4, one of which failed, and two over IPv6, the second on the
// connection of the first; what stands above is the one that failed, to which a redirect led.
inline Measurement samples() {
  using namespace std::chrono_literals;
  Measurement first = answer();
  first.family = Family::kIpv4;

  Measurement failed = first;
  failed.measured_at += 1s;
  failed.timings = Timings::make({span(100, 8'300), span(8'400, 16'400), span(16'800, 24'900),
                                  std::nullopt, std::nullopt},
                                 Micros{24'990})
                       .value();
  failed.status.reset();
  failed.headers.clear();
  failed.body_bytes = 0;
  failed.failure = Failure{Phase::kTls, Origin::kTarget, Cause::kAlert,
                           "the server ended the TLS handshake: handshake failure", 40};
  failed.self_check = {.loop_lag = Micros{31'200},
                       .overloaded = true,
                       .clock_stepped = true,
                       .control = ControlCheck{"https://control.example/", first.measured_at,
                                               Micros{12'300}, std::nullopt}};
  failed.redirects = {redirect()};

  Measurement third = first;
  third.measured_at += 2s;
  third.timings = Timings::make({span(110, 9'350), span(9'420, 17'500), span(17'900, 26'100),
                                 span(27'300, 35'180), span(35'180, 35'305)},
                                Micros{35'310})
                      .value();

  Measurement other_family = first;
  other_family.measured_at += 3s;
  other_family.family = Family::kIpv6;
  other_family.remote = Endpoint{"2001:db8::1", 443};

  Measurement warm = other_family;
  warm.measured_at += 1s;
  warm.reuse = Reuse::kWarm;
  Span wait = span(40, 7'900);
  wait.clock = Span::Clock::kAgent;
  warm.timings =
      Timings::make({std::nullopt, std::nullopt, std::nullopt, wait, span(7'900, 8'000)}, 8'010us)
          .value();

  Measurement m = failed;
  m.samples = {first, failed, third, other_family, warm};
  return m;
}

}  // namespace firstbyte::agent::examples
