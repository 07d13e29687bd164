#include "tests/bench/demo_results.h"

#include <fmt/format.h>

#include "common/cities.h"

namespace firstbyte::bench {
namespace {

using std::chrono::seconds;

constexpr WallTime kBegin{seconds{1'790'000'000}};

Timings demo_timings(std::int64_t jitter_us) {
  const auto seen = [](std::int64_t begin, std::int64_t end, std::int64_t own = 0) {
    return Span{Micros{begin}, Micros{end}, Micros{own}, Span::Clock::kKernel};
  };
  return Timings::make({seen(285, 8'626), seen(8'806, 16'796 + jitter_us),
                        seen(17'165 + jitter_us, 33'560 + jitter_us, 340),
                        seen(33'801 + jitter_us, 49'896 + 2 * jitter_us),
                        seen(49'896 + 2 * jitter_us, 50'021 + 2 * jitter_us)},
                       Micros{50'428 + 2 * jitter_us})
      .value();
}

}  // namespace

AgentIdentity demo_agent(std::size_t number) {
  const City& city = known_cities()[number % known_cities().size()];
  AgentIdentity agent;
  agent.id = number < 14 ? std::string(city.id) : fmt::format("{}-{}", city.id, number);
  agent.city = city.name;
  agent.country = city.country;
  agent.region = city.region;
  agent.latitude = city.latitude;
  agent.longitude = city.longitude;
  agent.asn = 64'512;
  return agent;
}

Measurement demo_result(std::uint64_t sequence) {
  const auto number = static_cast<std::int64_t>(sequence);
  Measurement m;
  m.url = "https://www.firstbyte.test/";
  m.measured_at = kBegin + seconds{number} + Micros{number * 7'919 % 1'000'000};
  m.timings = demo_timings(number * 104'729 % 9'000);
  m.status = 200;
  m.http_version = "2";
  m.remote = Endpoint{"198.51.100.1", 443};
  m.local = Endpoint{"10.100.13.2", static_cast<std::uint16_t>(32'768 + number % 28'000)};
  m.dns = DnsAnswer{"198.51.100.53:53", {{"198.51.100.1", seconds{5}}}, {}, false};
  m.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=www.firstbyte.test",
                   "CN=Firstbyte demo CA", kBegin + std::chrono::days{90}};
  m.tcp = TcpConnection{Micros{7'990}, Micros{7'950}, 0, "cubic"};
  m.headers = {
      {"server", "nginx/1.22.1"},
      {"date", fmt::format("Mon, 23 Nov 2026 07:{:02}:{:02} GMT", number / 60 % 60, number % 60)},
      {"content-type", "text/plain"},
      {"content-length", "37"},
      {"x-edge-route", "la1"},
      {"x-edge-city", "Los Angeles"},
      {"cache-control", "no-store"},
      {"x-request-id", fmt::format("{:032x}", sequence * 0x9e3779b97f4a7c15)},
      {"strict-transport-security", "max-age=31536000; includeSubDomains"},
      {"vary", "accept-encoding"}};
  m.body_bytes = 37;
  m.family = Family::kIpv4;
  m.self_check = SelfCheck{
      Micros{number % 90}, false, false,
      ControlCheck{
          "https://control.firstbyte.test/", m.measured_at - seconds{17}, Micros{21'300}, {}}};
  return m;
}

}  // namespace firstbyte::bench
