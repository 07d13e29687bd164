// Measurements of every shape that the domain allows, the same ones for the same seed.
#pragma once

#include <random>
#include <string>

#include "common/measurement.h"

namespace firstbyte::fakes {

class RandomMeasurements {
 public:
  explicit RandomMeasurements(std::uint64_t seed) : random_(seed) {}

  Measurement next() {
    Measurement m = exchange();
    if (coin()) m.redirects = exchanges(3);
    m.samples = exchanges(4);
    for (Measurement& sample : m.samples) {
      if (coin()) sample.redirects = exchanges(3);
    }
    return m;
  }

 private:
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(n));
  }
  bool coin() { return below(2) == 0; }
  Micros micros() { return Micros{below(1'000'000)}; }
  WallTime wall() { return WallTime{Micros{below(2'000'000'000'000'000)}}; }
  template <typename Enum>
  Enum any(Enum last) {
    return static_cast<Enum>(below(static_cast<std::int64_t>(last) + 1));
  }
  // What JSON must escape, and what it cannot hold as it is, among it.
  std::string text() {
    using namespace std::string_literals;
    static const std::string kAlphabet = "abcXYZ019 -_/\"\\\n\t\0é<>"s;
    std::string text;
    for (std::int64_t n = below(24); n > 0; --n) {
      text += kAlphabet[static_cast<std::size_t>(below(std::ssize(kAlphabet)))];
    }
    return text;
  }
  template <typename Make>
  auto maybe(Make make) {
    return coin() ? std::optional{make()} : std::nullopt;
  }

  Timings timings() {
    PhaseSpans spans;
    Micros reached = micros();
    for (std::optional<Span>& span : spans) {
      if (coin()) continue;
      const Micros begin = reached + micros();
      reached = begin + micros();
      span = Span{begin, reached, Micros{below((reached - begin).count() + 1)},
                  any(Span::Clock::kKernel)};
    }
    return Timings::make(spans, reached + micros()).value();
  }

  Endpoint endpoint() { return {text(), static_cast<std::uint16_t>(below(65'536))}; }

  DnsAnswer dns() {
    DnsAnswer answer;
    answer.resolver = text();
    for (std::int64_t n = below(4); n > 0; --n) {
      answer.addresses.push_back({text(), std::chrono::seconds{below(0x1'0000'0000)}});
    }
    for (std::int64_t n = below(3); n > 0; --n) answer.cnames.push_back(text());
    answer.over_tcp = maybe([&] { return coin(); });
    answer.omitted = static_cast<std::uint32_t>(below(0x1'0000'0000));
    return answer;
  }

  Failure failure() {
    Failure failure;
    failure.phase = maybe([&] { return any(Phase::kTransfer); });
    failure.origin = any(Origin::kAgent);
    failure.cause = any(kLastCause);
    failure.message = text();
    failure.tls_alert = maybe([&] { return static_cast<std::uint8_t>(below(256)); });
    return failure;
  }

  ControlCheck control() {
    return {text(), wall(), maybe([&] { return micros(); }),
            maybe([&] { return any(kLastCause); })};
  }

  Measurement exchange() {
    Measurement m;
    m.test_id = text();
    m.url = text();
    m.measured_at = wall();
    m.timings = timings();
    m.status = maybe([&] { return static_cast<int>(100 + below(900)); });
    m.http_version = text();
    m.remote = maybe([&] { return endpoint(); });
    m.local = maybe([&] { return endpoint(); });
    m.dns = maybe([&] { return dns(); });
    m.tls = maybe([&] {
      return TlsFacts{text(), text(), text(), text(), maybe([&] { return wall(); }), coin()};
    });
    m.tcp = maybe([&] {
      return TcpConnection{micros(), maybe([&] { return micros(); }),
                           static_cast<std::uint32_t>(below(0x1'0000'0000)), text()};
    });
    for (std::int64_t n = below(5); n > 0; --n) m.headers.emplace_back(text(), text());
    m.headers_truncated = coin();
    m.body_bytes = maybe([&] { return random_(); });
    m.body_truncated = coin();
    m.failure = maybe([&] { return failure(); });
    m.family = any(Family::kBoth);
    m.reuse = any(Reuse::kWarm);
    m.self_check = maybe(
        [&] { return SelfCheck{micros(), coin(), coin(), maybe([&] { return control(); })}; });
    return m;
  }

  std::vector<Measurement> exchanges(std::int64_t most) {
    std::vector<Measurement> list;
    for (std::int64_t n = below(most + 1); n > 0; --n) list.push_back(exchange());
    return list;
  }

  std::mt19937_64 random_;
};

}  // namespace firstbyte::fakes
