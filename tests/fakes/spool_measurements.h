// Results as an agent would spool them.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "agent/spool/record.h"
#include "common/measurement.h"

namespace firstbyte::fakes {

inline constexpr WallTime kNoon{std::chrono::seconds{1'790'000'000}};

inline Measurement spooled(std::string test_id, WallTime measured_at = kNoon) {
  Measurement measurement;
  measurement.test_id = std::move(test_id);
  measurement.url = "https://a.example/";
  measurement.measured_at = measured_at;
  measurement.timings = Timings::make({}, Micros{5'000}).value();
  measurement.status = 200;
  return measurement;
}

// What a large CDN answers: 25 headers of which five are random in each answer, by TLS 1.3 and from
// DNS, 1.9 kB as it is sent.
class CdnResults {
 public:
  Measurement next(WallTime measured_at) {
    Measurement m = spooled("", measured_at);
    m.url = "https://www.shop.example/landing/page?campaign=autumn";
    const auto span = [&](std::int64_t begin, std::int64_t most) {
      const std::int64_t from = begin + below(900);
      return Span{Micros{from}, Micros{from + below(most)}, {}, Span::Clock::kKernel};
    };
    m.timings = Timings::make({span(0, 30'000), span(40'000, 30'000), span(80'000, 60'000),
                               span(150'000, 90'000), span(250'000, 20'000)},
                              Micros{300'000 + below(1'000)})
                    .value();
    m.http_version = "2";
    m.remote = Endpoint{"203.0.113.77", 443};
    m.local = Endpoint{"10.0.0.5", static_cast<std::uint16_t>(32'768 + below(28'000))};
    m.dns = DnsAnswer{"192.0.2.53:53",
                      {{"203.0.113.77", std::chrono::seconds{below(300)}},
                       {"203.0.113.78", std::chrono::seconds{below(300)}}},
                      {"www.shop.example.cdn.example.net"},
                      false};
    m.tls = TlsFacts{"TLSv1.3",
                     "TLS_AES_256_GCM_SHA384",
                     "CN=www.shop.example",
                     "C=US, O=Example Trust Services, CN=WE1",
                     kNoon,
                     false};
    m.tcp = TcpConnection{Micros{below(30'000)}, Micros{below(30'000)}, 0, "cubic"};
    m.body_bytes = 16'234;
    m.self_check = SelfCheck{Micros{below(400)}, false, false, {}};
    m.headers = {{"date", "Mon, 23 Nov 2026 12:" + std::to_string(10 + below(50)) + " GMT"},
                 {"content-type", "text/html; charset=utf-8"},
                 {"content-length", "16234"},
                 {"cache-control", "public, max-age=0, must-revalidate"},
                 {"etag", "\"" + token(16) + "\""},
                 {"last-modified", "Sun, 22 Nov 2026 09:01:44 GMT"},
                 {"server", "edge"},
                 {"x-ray", token(8) + "-FRA"},
                 {"x-cache-status", "DYNAMIC"},
                 {"report-to", R"({"endpoints":[{"url":"https://nel.example/report/v4?s=)" +
                                   token(90) + R"("}],"group":"nel","max_age":604800})"},
                 {"nel", R"({"success_fraction":0,"report_to":"nel","max_age":604800})"},
                 {"strict-transport-security", "max-age=31536000; includeSubDomains; preload"},
                 {"x-content-type-options", "nosniff"},
                 {"x-frame-options", "SAMEORIGIN"},
                 {"referrer-policy", "strict-origin-when-cross-origin"},
                 {"permissions-policy", "geolocation=(), microphone=(), camera=()"},
                 {"vary", "accept-encoding, cookie"},
                 {"age", std::to_string(below(99'999))},
                 {"x-amz-cf-id", token(28)},
                 {"x-cache", "Hit from edge"},
                 {"via", "1.1 " + token(16) + ".edge.example (Edge)"},
                 {"alt-svc", "h3=\":443\"; ma=86400"},
                 {"set-cookie", std::string(kRedacted)},
                 {"x-edge-route", "ny1"},
                 {"content-security-policy",
                  "default-src 'self'; script-src 'self' 'unsafe-inline' https://cdn.example.com "
                  "https://tags.example.com; img-src 'self' data: https:; style-src 'self' "
                  "'unsafe-inline'; connect-src 'self' https://api.example.com"}};
    return m;
  }

 private:
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }
  std::string token(int bytes) {
    std::string text;
    for (int i = 0; i < 2 * bytes; ++i) text += "0123456789abcdef"[below(16)];
    return text;
  }

  std::mt19937_64 random_{5};
};

}  // namespace firstbyte::fakes
