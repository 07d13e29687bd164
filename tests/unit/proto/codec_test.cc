#include "proto/codec.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <ostream>
#include <random>
#include <string>

namespace firstbyte {
namespace {

using std::chrono::seconds;

Span span(std::int64_t begin, std::int64_t end) {
  return {.begin = Micros{begin}, .end = Micros{end}};
}

AgentIdentity full_identity() {
  return {"sao-paulo", "São Paulo", "BR", "South America", -23.55, -46.63, std::uint32_t{64512}};
}

// With every field filled.
Measurement full_measurement() {
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
                    {{"203.0.113.7", seconds{30}}, {"203.0.113.8", seconds{0xffffffff}}},
                    {"edge.example", "pop.example"}};
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
Measurement full_probe() {
  Measurement sample = full_measurement();
  sample.redirects.assign(kMaxRedirects, full_measurement());
  Measurement m = sample;
  m.samples = {sample, sample, sample};
  return m;
}

// With every field filled.
ProbeOrder full_order() {
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
Measurement bare_measurement() {
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

void expect_unchanged(const Measurement& measurement) {
  const auto received = through_the_wire(measurement);
  ASSERT_TRUE(received) << received.error().message;
  EXPECT_EQ(*received, measurement);
}

TEST(Codec, KeepsEveryFieldOfAMeasurement) { expect_unchanged(full_measurement()); }

TEST(Codec, KeepsSamplesAndTheirRedirects) { expect_unchanged(full_probe()); }

TEST(Codec, KeepsWhatIsAbsentAbsent) {
  expect_unchanged(bare_measurement());
  EXPECT_EQ(through_the_wire(bare_measurement())->status, std::nullopt);
}

TEST(Codec, TellsAnEmptyPartFromAnAbsentOne) {
  Measurement m = bare_measurement();
  m.remote = Endpoint{};
  m.dns = DnsAnswer{};
  m.tls = TlsFacts{};
  m.failure = Failure{};
  expect_unchanged(m);
}

TEST(Codec, TellsAPhaseOfNoTimeFromOneThatDidNotHappen) {
  Measurement m = bare_measurement();
  m.timings =
      Timings::make({span(0, 0), std::nullopt, std::nullopt, std::nullopt, std::nullopt}, Micros{0})
          .value();
  expect_unchanged(m);
}

TEST(Codec, KeepsEachPhaseInItsPlace) {
  for (const Phase phase : kPhases) {
    Measurement m = bare_measurement();
    PhaseSpans spans;
    spans[static_cast<std::size_t>(phase)] = span(3, 7);
    m.timings = Timings::make(spans, Micros{9}).value();
    expect_unchanged(m);
  }
}

TEST(Codec, KeepsEachOrigin) {
  for (int origin = 0; origin <= static_cast<int>(Origin::kAgent); ++origin) {
    Measurement m = bare_measurement();
    m.failure = Failure{std::nullopt, static_cast<Origin>(origin), Cause::kInternal, "x"};
    expect_unchanged(m);
  }
}

TEST(Codec, KeepsEachCause) {
  for (int cause = 0; cause <= static_cast<int>(kLastCause); ++cause) {
    Measurement m = bare_measurement();
    m.failure = Failure{Phase::kDns, Origin::kAgent, static_cast<Cause>(cause), "x"};
    expect_unchanged(m);
  }
}

TEST(Codec, KeepsEachPhaseOfProgress) {
  for (const Phase phase : kPhases) EXPECT_EQ(decode(encode(phase)), phase);
}

// The names on both sides say the same, so that no value can have slipped.
TEST(Codec, SpellsEnumerationsAsTheDomainDoes) {
  const auto expect_same = [](const std::string& wire, std::string_view prefix,
                              std::string_view domain) {
    std::string upper(prefix);
    for (const char c : domain)
      upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(wire, upper);
  };
  for (int i = 0; i <= static_cast<int>(Phase::kTransfer); ++i) {
    expect_same(v1::Phase_Name(i + 1), "PHASE_", to_string(static_cast<Phase>(i)));
  }
  for (int i = 0; i <= static_cast<int>(Origin::kAgent); ++i) {
    expect_same(v1::Origin_Name(i + 1), "ORIGIN_", to_string(static_cast<Origin>(i)));
  }
  for (int i = 0; i <= static_cast<int>(kLastCause); ++i) {
    expect_same(v1::Cause_Name(i + 1), "CAUSE_", to_string(static_cast<Cause>(i)));
  }
  for (const Method method : kMethods) {
    expect_same(v1::Method_Name(static_cast<int>(method) + 1), "METHOD_", to_string(method));
  }
  for (const Family family : kFamilies) {
    expect_same(v1::Family_Name(static_cast<int>(family) + 1), "FAMILY_", to_string(family));
  }
  for (const Reuse reuse : kReuses) {
    expect_same(v1::Reuse_Name(static_cast<int>(reuse) + 1), "REUSE_", to_string(reuse));
  }
  for (const HttpVersion version : kHttpVersions) {
    std::string name(to_string(version));
    std::ranges::replace(name, '.', '_');
    expect_same(v1::HttpVersion_Name(static_cast<int>(version) + 1), "HTTP_VERSION_", name);
  }
  EXPECT_EQ(v1::Method_MAX, static_cast<int>(kMethods.back()) + 1);
  EXPECT_EQ(v1::Family_MAX, static_cast<int>(kFamilies.back()) + 1);
  EXPECT_EQ(v1::Reuse_MAX, static_cast<int>(kReuses.back()) + 1);
  EXPECT_EQ(v1::HttpVersion_MAX, static_cast<int>(kHttpVersions.back()) + 1);
  EXPECT_EQ(v1::Phase_MAX, static_cast<int>(Phase::kTransfer) + 1);
  EXPECT_EQ(v1::Origin_MAX, static_cast<int>(Origin::kAgent) + 1);
  EXPECT_EQ(v1::Cause_MAX, static_cast<int>(kLastCause) + 1);
}

TEST(Codec, KeepsAnAgentsIdentity) {
  EXPECT_EQ(through_the_wire(full_identity()), full_identity());
}

TEST(Codec, KeepsAnIdentityWithoutAnAsn) {
  AgentIdentity identity = full_identity();
  identity.asn.reset();
  EXPECT_EQ(through_the_wire(identity), identity);
}

TEST(Codec, KeepsAnOrder) {
  const auto order = through_the_wire(full_order());
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_EQ(order->test_id, full_order().test_id);
  EXPECT_EQ(order->target, full_order().target);
}

TEST(Codec, KeepsAnOrderThatAsksForNothingSpecial) {
  const ProbeOrder plain{.test_id = "5f3a", .target = {.url = "https://demo.example/"}};
  const auto order = through_the_wire(plain);
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_EQ(order->target, plain.target);
}

TEST(Codec, KeepsTheMostAnAgentMaySay) {
  Measurement m = full_measurement();
  m.test_id = std::string(64, 't');
  m.url = std::string(2048, 'u');
  m.failure->message = std::string(1024, 'm');
  m.tls->subject = m.tls->issuer = std::string(1024, 's');
  m.headers.assign(kMaxHeaders, {"h", ""});
  m.headers.back().second = std::string(kMaxHeaderBytes - kMaxHeaders, 'v');
  m.dns->addresses.assign(kMaxDnsRecords, {"192.0.2.1", seconds{1}});
  m.dns->cnames.assign(kMaxDnsRecords, "cname.example");
  expect_unchanged(m);
}

// Regression: a CNAME of labels that are not text, which libresolv writes as \DDD, was refused.
TEST(Codec, KeepsTheLongestNameThatDnsCanHoldEscaped) {
  Measurement m = full_measurement();
  m.dns->cnames = {std::string(1012, 'c')};
  expect_unchanged(m);
}

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

using MeasurementBreach = Breach<v1::Measurement>;
class BrokenMeasurement : public testing::TestWithParam<MeasurementBreach> {};

TEST_P(BrokenMeasurement, IsRefusedByTheFieldsName) {
  expect_refused(encode(full_measurement()), GetParam());
}

constexpr std::uint64_t kDayUs = 86'400'000'000;

INSTANTIATE_TEST_SUITE_P(
    Codec, BrokenMeasurement,
    testing::Values(
        MeasurementBreach{"TestIdTooLong", [](auto& m) { m.set_test_id(std::string(65, 't')); },
                          "measurement.test_id"},
        MeasurementBreach{"UrlMissing", [](auto& m) { m.clear_url(); }, "measurement.url"},
        MeasurementBreach{"UrlTooLong", [](auto& m) { m.set_url(std::string(2049, 'u')); },
                          "measurement.url"},
        MeasurementBreach{"BeforeTheEpoch", [](auto& m) { m.set_measured_at_us(-1); },
                          "measurement.measured_at_us"},
        MeasurementBreach{"AfterTheYear9999",
                          [](auto& m) { m.set_measured_at_us(253'402'300'799'000'001); },
                          "measurement.measured_at_us"},
        MeasurementBreach{"StatusTooSmall", [](auto& m) { m.set_status(99); }, "status"},
        MeasurementBreach{"StatusTooLarge", [](auto& m) { m.set_status(1000); }, "status"},
        MeasurementBreach{"StatusHuge", [](auto& m) { m.set_status(0xffffffff); }, "status"},
        MeasurementBreach{"HttpVersionTooLong", [](auto& m) { m.set_http_version("123456789"); },
                          "http_version"},
        MeasurementBreach{"RemoteIpTooLong",
                          [](auto& m) { m.mutable_remote()->set_ip(std::string(257, '1')); },
                          "remote"},
        MeasurementBreach{"RemotePortTooLarge",
                          [](auto& m) { m.mutable_remote()->set_port(65536); }, "remote"},
        MeasurementBreach{"LocalPortTooLarge", [](auto& m) { m.mutable_local()->set_port(65536); },
                          "local"},
        MeasurementBreach{"ResolverTooLong",
                          [](auto& m) { m.mutable_dns()->set_resolver(std::string(257, 'r')); },
                          "dns.resolver"},
        MeasurementBreach{"TooManyAddresses",
                          [](auto& m) {
                            while (m.dns().addresses_size() <= 128)
                              m.mutable_dns()->add_addresses();
                          },
                          "dns.addresses"},
        MeasurementBreach{"AddressTooLong",
                          [](auto& m) {
                            m.mutable_dns()->mutable_addresses(0)->set_address(
                                std::string(257, '1'));
                          },
                          "dns.addresses"},
        MeasurementBreach{"TooManyCnames",
                          [](auto& m) {
                            while (m.dns().cnames_size() <= 128) m.mutable_dns()->add_cnames("c");
                          },
                          "dns.cnames"},
        MeasurementBreach{"CnameTooLong",
                          [](auto& m) { m.mutable_dns()->add_cnames(std::string(1025, 'c')); },
                          "dns.cnames"},
        MeasurementBreach{"TlsVersionTooLong",
                          [](auto& m) { m.mutable_tls()->set_version(std::string(257, 'v')); },
                          "tls.version"},
        MeasurementBreach{"TlsCipherTooLong",
                          [](auto& m) { m.mutable_tls()->set_cipher(std::string(257, 'c')); },
                          "tls.cipher"},
        MeasurementBreach{"TlsSubjectTooLong",
                          [](auto& m) { m.mutable_tls()->set_subject(std::string(1025, 's')); },
                          "tls.subject"},
        MeasurementBreach{"TlsIssuerTooLong",
                          [](auto& m) { m.mutable_tls()->set_issuer(std::string(1025, 'i')); },
                          "tls.issuer"},
        MeasurementBreach{"TlsExpiryNegative",
                          [](auto& m) { m.mutable_tls()->set_not_after_us(-1); }, "tls.not_after"},
        MeasurementBreach{"TooManyHeaders",
                          [](auto& m) {
                            while (m.headers_size() <= 200) m.add_headers();
                          },
                          "headers"},
        MeasurementBreach{"HeadersTooLarge",
                          [](auto& m) { m.add_headers()->set_value(std::string(32 * 1024, 'v')); },
                          "headers"},
        MeasurementBreach{"TotalMoreThanADay",
                          [](auto& m) { m.mutable_timings()->set_total_us(kDayUs + 1); },
                          "timings.total_us"},
        MeasurementBreach{
            "SpanMoreThanADay",
            [](auto& m) { m.mutable_timings()->mutable_dns()->set_end_us(kDayUs + 1); }, "timings"},
        MeasurementBreach{"SpanThatWouldTurnNegative",
                          [](auto& m) {
                            m.mutable_timings()->mutable_tls()->set_begin_us(0x8000'0000'0000'0000);
                          },
                          "timings"},
        MeasurementBreach{"SpanBackwards",
                          [](auto& m) { m.mutable_timings()->mutable_wait()->set_end_us(18'199); },
                          "wait"},
        MeasurementBreach{
            "SpansOverlap",
            [](auto& m) { m.mutable_timings()->mutable_connect()->set_begin_us(1'009); },
            "connect"},
        MeasurementBreach{"SpanBeyondTheTotal",
                          [](auto& m) { m.mutable_timings()->set_total_us(34'899); }, "transfer"},
        MeasurementBreach{"FailurePhaseUnspecified",
                          [](auto& m) { m.mutable_failure()->set_phase(v1::PHASE_UNSPECIFIED); },
                          "phase"},
        MeasurementBreach{
            "FailurePhaseUnknown",
            [](auto& m) { m.mutable_failure()->set_phase(static_cast<v1::Phase>(6)); }, "phase"},
        MeasurementBreach{"OriginUnspecified",
                          [](auto& m) { m.mutable_failure()->set_origin(v1::ORIGIN_UNSPECIFIED); },
                          "failure.origin"},
        MeasurementBreach{
            "OriginUnknown",
            [](auto& m) { m.mutable_failure()->set_origin(static_cast<v1::Origin>(5)); },
            "failure.origin"},
        MeasurementBreach{"CauseUnspecified",
                          [](auto& m) { m.mutable_failure()->set_cause(v1::CAUSE_UNSPECIFIED); },
                          "failure.cause"},
        MeasurementBreach{
            "CauseUnknown",
            [](auto& m) { m.mutable_failure()->set_cause(static_cast<v1::Cause>(34)); },
            "failure.cause"},
        MeasurementBreach{"FailureMessageTooLong",
                          [](auto& m) { m.mutable_failure()->set_message(std::string(1025, 'm')); },
                          "failure.message"}),
    breach_name<v1::Measurement>);

using IdentityBreach = Breach<v1::AgentIdentity>;
class BrokenIdentity : public testing::TestWithParam<IdentityBreach> {};

TEST_P(BrokenIdentity, IsRefusedByTheFieldsName) {
  expect_refused(encode(full_identity()), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Codec, BrokenIdentity,
    testing::Values(
        IdentityBreach{"IdMissing", [](auto& m) { m.clear_id(); }, "identity.id"},
        IdentityBreach{"IdWithALineEnd", [](auto& m) { m.set_id("fra\n1"); }, "identity.id"},
        IdentityBreach{"CityWithALineEnd", [](auto& m) { m.set_city("Fra\n"); }, "identity.city"},
        IdentityBreach{"IdTooLong", [](auto& m) { m.set_id(std::string(65, 'i')); }, "identity.id"},
        IdentityBreach{"CityMissing", [](auto& m) { m.clear_city(); }, "identity.city"},
        IdentityBreach{"CityTooLong", [](auto& m) { m.set_city(std::string(65, 'c')); },
                       "identity.city"},
        IdentityBreach{"CountryTooLong", [](auto& m) { m.set_country("BRA"); }, "identity.country"},
        IdentityBreach{"RegionTooLong", [](auto& m) { m.set_region(std::string(65, 'r')); },
                       "identity.region"},
        IdentityBreach{"NorthOfThePole", [](auto& m) { m.set_latitude(90.1); },
                       "identity.latitude"},
        IdentityBreach{"LatitudeNotANumber",
                       [](auto& m) { m.set_latitude(std::numeric_limits<double>::quiet_NaN()); },
                       "identity.latitude"},
        IdentityBreach{"BeyondTheDateLine", [](auto& m) { m.set_longitude(-180.1); },
                       "identity.longitude"},
        IdentityBreach{"LongitudeInfinite",
                       [](auto& m) { m.set_longitude(std::numeric_limits<double>::infinity()); },
                       "identity.longitude"}),
    breach_name<v1::AgentIdentity>);

// What nests has its bounds, too.
class BrokenProbe : public testing::TestWithParam<MeasurementBreach> {};

TEST_P(BrokenProbe, IsRefusedByTheFieldsName) { expect_refused(encode(full_probe()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Codec, BrokenProbe,
    testing::Values(
        MeasurementBreach{"TooManyRedirects", [](auto& m) { *m.add_redirects() = m.redirects(0); },
                          "redirects"},
        MeasurementBreach{"TooManySamples",
                          [](auto& m) {
                            while (m.samples_size() <= 20) m.add_samples()->set_url("http://a/");
                          },
                          "samples"},
        MeasurementBreach{
            "SampleOfASample",
            [](auto& m) { m.mutable_samples(0)->add_samples()->set_url("http://a/"); }, "samples"},
        MeasurementBreach{
            "RedirectOfARedirect",
            [](auto& m) { m.mutable_redirects(0)->add_redirects()->set_url("http://a/"); },
            "redirects"},
        MeasurementBreach{"SampleWithoutUrl", [](auto& m) { m.mutable_samples(1)->clear_url(); },
                          "measurement.url"},
        MeasurementBreach{"TooManyHeaderBytesInAll",
                          [](auto& m) {
                            for (auto& sample : *m.mutable_samples()) {
                              for (auto& redirect : *sample.mutable_redirects()) {
                                redirect.mutable_headers(0)->set_value(std::string(30'000, 'v'));
                              }
                            }
                          },
                          "headers"}),
    breach_name<v1::Measurement>);

using OrderBreach = Breach<v1::ProbeOrder>;
class BrokenOrder : public testing::TestWithParam<OrderBreach> {};

TEST_P(BrokenOrder, IsRefusedByTheFieldsName) { expect_refused(encode(full_order()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Codec, BrokenOrder,
    testing::Values(
        OrderBreach{"TestIdMissing", [](auto& m) { m.clear_test_id(); }, "order.test_id"},
        OrderBreach{"TestIdTooLong", [](auto& m) { m.set_test_id(std::string(65, 't')); },
                    "order.test_id"},
        OrderBreach{"UrlMissing", [](auto& m) { m.mutable_target()->clear_url(); },
                    "order.target.url"},
        OrderBreach{"UrlTooLong",
                    [](auto& m) { m.mutable_target()->set_url(std::string(2049, 'u')); },
                    "order.target.url"},
        OrderBreach{"NoTimeAtAll", [](auto& m) { m.mutable_target()->set_timeout_us(0); },
                    "order.target.timeout_us"},
        OrderBreach{"MoreThanADay", [](auto& m) { m.mutable_target()->set_timeout_us(kDayUs + 1); },
                    "order.target.timeout_us"},
        OrderBreach{"TimeThatWouldTurnNegative",
                    [](auto& m) { m.mutable_target()->set_timeout_us(~0ULL); },
                    "order.target.timeout_us"},
        OrderBreach{"TargetMissing", [](auto& m) { m.clear_target(); }, "order.target.url"},
        OrderBreach{"MethodNotSaid", [](auto& m) { m.mutable_target()->clear_method(); },
                    "order.target.method"},
        OrderBreach{"TooManyHeaders",
                    [](auto& m) {
                      while (m.target().headers_size() <= 32) m.mutable_target()->add_headers();
                    },
                    "order.target.headers"},
        OrderBreach{"HeadersTooLarge",
                    [](auto& m) {
                      m.mutable_target()->mutable_headers(0)->set_value(std::string(8192, 'v'));
                    },
                    "order.target.headers"},
        OrderBreach{"HeaderThatIsAnotherRequest",
                    [](auto& m) {
                      m.mutable_target()->mutable_headers(0)->set_value("a\r\n\r\nGET / HTTP/1.1");
                    },
                    "order.target.headers"},
        OrderBreach{"HeaderOfTheConnection",
                    [](auto& m) { m.mutable_target()->mutable_headers(0)->set_name("Host"); },
                    "order.target.headers"},
        OrderBreach{"NoAddressToConnectTo",
                    [](auto& m) { m.mutable_target()->mutable_connect_to()->set_ip("a.example"); },
                    "order.target.connect_to"},
        OrderBreach{"NoAddressOfAResolver",
                    [](auto& m) { m.mutable_target()->mutable_resolver()->set_ip("1.2.3.4:53"); },
                    "order.target.resolver"},
        OrderBreach{"BodyTooLarge",
                    [](auto& m) { m.mutable_target()->set_body(std::string(8193, 'b')); },
                    "order.target.body"},
        OrderBreach{"TooManyRedirects", [](auto& m) { m.mutable_target()->set_max_redirects(11); },
                    "order.target.max_redirects"},
        OrderBreach{"NoSample", [](auto& m) { m.mutable_target()->set_samples(0); },
                    "order.target.samples"},
        OrderBreach{"TooManySamples", [](auto& m) { m.mutable_target()->set_samples(11); },
                    "order.target.samples"},
        OrderBreach{"StatusThatIsNone",
                    [](auto& m) { m.mutable_target()->mutable_expect()->set_status_most(600); },
                    "order.target.expect.status"},
        OrderBreach{"StatusUpsideDown",
                    [](auto& m) {
                      m.mutable_target()->mutable_expect()->set_status_least(300);
                      m.mutable_target()->mutable_expect()->set_status_most(299);
                    },
                    "order.target.expect.status"},
        OrderBreach{"NoDaysOfACertificate",
                    [](auto& m) { m.mutable_target()->mutable_expect()->set_certificate_days(0); },
                    "order.target.expect.certificate_days"},
        OrderBreach{
            "TooManyDaysOfACertificate",
            [](auto& m) { m.mutable_target()->mutable_expect()->set_certificate_days(3651); },
            "order.target.expect.certificate_days"},
        OrderBreach{"NoTimeForAPhase",
                    [](auto& m) { m.mutable_target()->mutable_phase_limits(0)->set_limit_us(0); },
                    "order.target.phase_limits"},
        OrderBreach{"StatusOutOfRange",
                    [](auto& m) { m.mutable_target()->mutable_expect()->set_status_most(1000); },
                    "order.target.expect.status"},
        OrderBreach{
            "ExpectedHeaderWithoutName",
            [](auto& m) { m.mutable_target()->mutable_expect()->mutable_headers(0)->clear_name(); },
            "order.target.expect.headers"}),
    breach_name<v1::ProbeOrder>);

TEST(Codec, NamesTheFirstFieldThatIsWrong) {
  v1::Measurement message = encode(full_measurement());
  message.clear_url();
  message.set_status(7);
  EXPECT_EQ(decode(message).error().field, "measurement.url");
}

TEST(Codec, RefusesAProgressWithoutAPhase) {
  const auto phase = decode(v1::PHASE_UNSPECIFIED);
  ASSERT_FALSE(phase);
  EXPECT_EQ(phase.error().field, "phase");
}

// Regression: subtracting one from it overflowed.
TEST(Codec, RefusesTheSmallestNumberAnEnumerationCanHold) {
  EXPECT_FALSE(decode(static_cast<v1::Phase>(std::numeric_limits<std::int32_t>::min())));
}

// Untrusted bytes: mutations of what an agent sends, so that most of them still parse.
TEST(Codec, DecodesOrNamesAFieldWhateverTheBytes) {
  const google::protobuf::LogSilencer about_bad_utf8;
  std::mt19937 random(4);
  const std::string good = encode(full_measurement()).SerializeAsString();
  int decoded = 0;
  int refused = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = good;
    for (auto left = 1 + random() % 4; left > 0; --left) {
      const std::size_t at = random() % bytes.size();
      switch (random() % 4) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
          break;
        case 2:
          bytes.erase(at, 1 + random() % 8);
          break;
        default:
          bytes.insert(at, std::string(1 + random() % 8, static_cast<char>(random())));
      }
    }
    v1::Measurement message;
    if (!message.ParseFromString(bytes)) continue;
    const auto measurement = decode(message);
    if (measurement) {
      ++decoded;
      ASSERT_EQ(through_the_wire(*measurement), *measurement);
    } else {
      ++refused;
      ASSERT_FALSE(measurement.error().field.empty()) << measurement.error().message;
    }
  }
  EXPECT_GT(decoded, 100);
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace firstbyte
