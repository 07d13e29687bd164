#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "proto/codec.h"
#include "tests/unit/proto/codec_examples.h"

namespace firstbyte {
namespace {

using std::chrono::seconds;

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

using MeasurementBreach = Breach<v1::Measurement>;
class BrokenMeasurement : public testing::TestWithParam<MeasurementBreach> {};

TEST_P(BrokenMeasurement, IsRefusedByTheFieldsName) {
  expect_refused(encode(full_measurement()), GetParam());
}

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

// A single answer may have all that a whole probe has.
TEST(Codec, KeepsAllDnsRecordsThatAProbeMayHave) {
  Measurement m = bare_measurement();
  m.dns.emplace().cnames.assign(kMaxDnsRecords, std::string(1024, 'c'));
  const Measurement sample = m;
  m.samples = {sample};
  ASSERT_EQ(2 * record_bytes(*m.dns), kMaxAllDnsBytes);
  expect_unchanged(m);
  m.samples[0].dns->addresses = {{"1", seconds{1}}};
  const auto received = through_the_wire(m);
  ASSERT_FALSE(received);
  EXPECT_EQ(received.error().field, "dns");
}

TEST(Codec, NamesTheFirstFieldThatIsWrong) {
  v1::Measurement message = encode(full_measurement());
  message.clear_url();
  message.set_status(7);
  EXPECT_EQ(decode(message).error().field, "measurement.url");
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
