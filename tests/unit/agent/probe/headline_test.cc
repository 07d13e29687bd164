#include "agent/probe/headline.h"

#include <gtest/gtest.h>

namespace firstbyte::agent {
namespace {

Measurement sample(std::string url, int ttfb_us) {
  PhaseSpans spans;
  spans[static_cast<std::size_t>(Phase::kTransfer)] =
      Span{.begin = Micros{ttfb_us}, .end = Micros{1'000}};
  Measurement measurement;
  measurement.url = std::move(url);
  measurement.timings = Timings::make(spans, Micros{1'000}).value();
  return measurement;
}

Measurement failed(std::string url) {
  Measurement measurement;
  measurement.url = std::move(url);
  measurement.failure = Failure{};
  return measurement;
}

Measurement with_headers(std::size_t bytes) {
  Measurement measurement;
  measurement.headers = {{"x", std::string(bytes - 1, 'x')}};
  return measurement;
}

TEST(Headline, IsTheOnlySample) { EXPECT_EQ(headline_of({sample("a", 1)}).url, "a"); }

TEST(Headline, IsTheSampleWithTheMedianTtfb) {
  EXPECT_EQ(headline_of({sample("a", 30), sample("b", 10), sample("c", 20)}).url, "c");
}

TEST(Headline, IsTheFasterOfTwoInTheMiddle) {
  EXPECT_EQ(headline_of({sample("a", 20), sample("b", 10)}).url, "b");
  EXPECT_EQ(headline_of({sample("a", 40), sample("b", 10), sample("c", 30), sample("d", 20)}).url,
            "d");
}

TEST(Headline, IsTheEarlierOfTwoThatTookTheSameTime) {
  EXPECT_EQ(headline_of({sample("a", 10), sample("b", 10)}).url, "a");
}

TEST(Headline, IsTheFirstThatFailed) {
  EXPECT_EQ(headline_of({sample("a", 10), failed("b"), sample("c", 5), failed("d")}).url, "b");
}

TEST(Headers, AreAllKeptWhenTheyFit) {
  Measurement measurement = with_headers(kMaxAllHeaderBytes / 4);
  measurement.redirects = {with_headers(kMaxAllHeaderBytes / 4)};
  measurement.samples = {with_headers(kMaxAllHeaderBytes / 4),
                         with_headers(kMaxAllHeaderBytes / 4)};
  const Measurement before = measurement;
  bound_parts(measurement);
  EXPECT_EQ(measurement, before);
}

TEST(Headers, OfLaterPartsAreLeftOut) {
  Measurement measurement = with_headers(kMaxAllHeaderBytes / 4);
  measurement.redirects = {with_headers(kMaxAllHeaderBytes / 2)};
  measurement.samples = {with_headers(kMaxAllHeaderBytes / 4 + 1),
                         with_headers(kMaxAllHeaderBytes / 8)};
  measurement.samples[1].redirects = {with_headers(kMaxAllHeaderBytes / 4)};
  bound_parts(measurement);
  EXPECT_FALSE(measurement.headers_truncated);
  EXPECT_FALSE(measurement.redirects[0].headers_truncated);
  EXPECT_TRUE(measurement.samples[0].headers_truncated);
  EXPECT_TRUE(measurement.samples[0].headers.empty());
  EXPECT_FALSE(measurement.samples[1].headers_truncated);
  EXPECT_TRUE(measurement.samples[1].redirects[0].headers_truncated);
}

Measurement with_records(std::size_t addresses, std::size_t cname_bytes) {
  Measurement measurement;
  measurement.dns = DnsAnswer{.resolver = "192.0.2.53:53",
                              .addresses = {addresses, {"192.0.2.1", std::chrono::seconds{60}}},
                              .cnames = {std::string(cname_bytes, 'c')}};
  return measurement;
}

TEST(DnsRecords, AreAllKeptWhenTheyFit) {
  Measurement measurement = with_records(0, kMaxAllDnsBytes / 2);
  measurement.redirects = {with_records(0, kMaxAllDnsBytes / 4)};
  measurement.samples = {with_records(2, kMaxAllDnsBytes / 4 - 18)};
  const Measurement before = measurement;
  bound_parts(measurement);
  EXPECT_EQ(measurement, before);
}

TEST(DnsRecords, OfLaterPartsAreCountedInstead) {
  Measurement measurement = with_records(2, kMaxAllDnsBytes / 2);
  measurement.samples = {with_records(3, kMaxAllDnsBytes / 2), with_records(1, 100)};
  measurement.samples[0].dns->omitted = 5;
  bound_parts(measurement);
  EXPECT_EQ(measurement.dns->omitted, 0U);
  EXPECT_EQ(measurement.samples[0].dns->resolver, "192.0.2.53:53");
  EXPECT_TRUE(measurement.samples[0].dns->addresses.empty());
  EXPECT_TRUE(measurement.samples[0].dns->cnames.empty());
  EXPECT_EQ(measurement.samples[0].dns->omitted, 9U);
  EXPECT_EQ(measurement.samples[1].dns->omitted, 0U);
}

}  // namespace
}  // namespace firstbyte::agent
