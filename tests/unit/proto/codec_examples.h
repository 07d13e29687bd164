// Messages of which each field is filled, on their way through bytes, and what breaks them.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "proto/codec.h"

namespace firstbyte {

inline Span span(std::int64_t begin, std::int64_t end) {
  return {.begin = Micros{begin}, .end = Micros{end}};
}

inline AgentIdentity full_identity() {
  return {"sao-paulo", "São Paulo", "BR", "South America", -23.55, -46.63, std::uint32_t{64512}};
}

// With every field filled.
inline Measurement full_measurement() {
  Measurement m;
  m.test_id = "5f3a";
  m.url = "https://demo.example/";
  m.measured_at = WallTime{Micros{1'795'403'400'123'456}};
  m.timings = Timings::make({span(10, 1'010), span(1'020, 9'020),
                             Span{Micros{9'100}, Micros{18'100}, Micros{800}, Span::Clock::kKernel},
                             span(18'200, 34'200), span(34'200, 34'900)},
                            Micros{35'000})
                  .value();
  m.status = 200;
  m.http_version = "2";
  m.remote = Endpoint{"203.0.113.7", 443};
  m.local = Endpoint{"2001:db8::4", 65'535};
  m.dns = DnsAnswer{"192.0.2.53:53",
                    {{"203.0.113.7", std::chrono::seconds{30}},
                     {"203.0.113.8", std::chrono::seconds{0xffffffff}}},
                    {"edge.example", "pop.example"},
                    true,
                    7};
  m.tls = TlsFacts{"TLSv1.3", "TLS_AES_256_GCM_SHA384", "CN=demo.example", "CN=Demo CA",
                   WallTime{Micros{1'800'000'000'000'000}}};
  m.tcp = TcpConnection{Micros{8'000}, Micros{7'900}, 3, "bbr"};
  m.headers = {{"x-edge-route", "ny1"}, {"via", "first"}, {"via", "second"}, {"empty", ""}};
  m.headers_truncated = true;
  m.failure = Failure{Phase::kTransfer, Origin::kTarget, Cause::kClosed, "It closed.", 80};
  m.body_bytes = 65'536;
  m.body_truncated = true;
  m.family = Family::kIpv6;
  m.reuse = Reuse::kWarm;
  m.self_check = {Micros{12'000}, true, true,
                  ControlCheck{"https://control.example/", WallTime{Micros{1'795'403'300'000'000}},
                               Micros{20'000}, Cause::kRefused}};
  return m;
}

// A probe of several samples, each with redirects.
inline Measurement full_probe() {
  Measurement sample = full_measurement();
  sample.redirects.assign(kMaxRedirects, full_measurement());
  Measurement m = sample;
  m.samples = {sample, sample, sample};
  return m;
}

// With every field filled.
inline ProbeOrder full_order() {
  Target target{.url = "https://demo.example/"};
  target.method = Method::kPost;
  target.headers = {{"Accept", "text/html"}, {"x-empty", ""}};
  target.body = std::string("a\0b", 3);
  target.http_version = HttpVersion::k2;
  target.family = Family::kBoth;
  target.connect_to = Endpoint{"203.0.113.7", 8443};
  target.resolver = Endpoint{"192.0.2.53", 53};
  target.max_redirects = 5;
  target.reuse = Reuse::kResumed;
  target.samples = 10;
  target.phase_limits[static_cast<std::size_t>(Phase::kTls)] = Micros{2'000'000};
  target.timeout = Micros{30'000'000};
  target.expect.status = StatusRange{200, 299};
  target.expect.headers = {{"x-edge-route", "ny1"}, {"age", std::nullopt}};
  target.expect.certificate_days = 14;
  target.expect.ttfb = Micros{300'000};
  return {.test_id = "5f3a", .target = target};
}

// The least that the collector takes.
inline Measurement bare_measurement() {
  Measurement m;
  m.url = "http://a/";
  return m;
}

// As over the wire: through bytes.
template <typename Domain>
Expected<Domain> through_the_wire(const Domain& value) {
  auto message = encode(value);
  decltype(message) received;
  EXPECT_TRUE(received.ParseFromString(message.SerializeAsString()));
  return decode(received);
}

inline constexpr std::uint64_t kDayUs = 86'400'000'000;

// One breach of a bound, in a message that is fine otherwise, and the field that the refusal names.
template <typename Message>
struct Breach {
  const char* name;
  std::function<void(Message&)> commit;
  const char* field;
  friend void PrintTo(const Breach& breach, std::ostream* out) { *out << breach.field; }
};

template <typename Message>
std::string breach_name(const testing::TestParamInfo<Breach<Message>>& tested) {
  return tested.param.name;
}

template <typename Message>
void expect_refused(Message message, const Breach<Message>& breach) {
  breach.commit(message);
  const auto decoded = decode(message);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(decoded.error().field, breach.field);
  EXPECT_NE(decoded.error().message.find(breach.field), std::string::npos)
      << decoded.error().message;
}

}  // namespace firstbyte
