#include "agent/probe/dns_message.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/fakes/dns_packet.h"

namespace firstbyte::agent {
namespace {

using fakes::DnsPacket;
using std::chrono::seconds;
using Addresses = std::vector<ResolvedAddress>;
using Names = std::vector<std::string>;

DnsPacket question() { return std::move(DnsPacket().question("demo.example", fakes::kDnsA)); }

TEST(DnsMessage, HoldsAnAddressWithItsTtl) {
  const auto answer =
      parse_dns_answer(question().address("demo.example", "192.0.2.7", 300).bytes());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->addresses, (Addresses{{"192.0.2.7", seconds{300}}}));
  EXPECT_EQ(answer->cnames, Names{});
  EXPECT_EQ(answer->resolver, "");
}

TEST(DnsMessage, HoldsItsAddressesInTheirOrder) {
  const auto answer = parse_dns_answer(question()
                                           .address("demo.example", "192.0.2.9", 1)
                                           .address("demo.example", "192.0.2.7", 2)
                                           .bytes());
  EXPECT_EQ(answer->addresses, (Addresses{{"192.0.2.9", seconds{1}}, {"192.0.2.7", seconds{2}}}));
}

TEST(DnsMessage, HoldsTheChainOfCnames) {
  const auto answer = parse_dns_answer(question()
                                           .cname("demo.example", "edge.example", 60)
                                           .cname("edge.example", "pop.example", 60)
                                           .address("pop.example", "192.0.2.7", 30)
                                           .bytes());
  EXPECT_EQ(answer->cnames, (Names{"edge.example", "pop.example"}));
  EXPECT_EQ(answer->addresses, (Addresses{{"192.0.2.7", seconds{30}}}));
}

TEST(DnsMessage, HoldsIpv6Addresses) {
  const auto answer =
      parse_dns_answer(question().address("demo.example", "2001:db8::7", 5).bytes());
  EXPECT_EQ(answer->addresses, (Addresses{{"2001:db8::7", seconds{5}}}));
}

TEST(DnsMessage, KeepsTheLargestTtl) {
  const auto answer =
      parse_dns_answer(question().address("demo.example", "192.0.2.7", 0xffffffff).bytes());
  EXPECT_EQ(answer->addresses.front().ttl, seconds{0xffffffff});
}

TEST(DnsMessage, MayHoldNoAnswer) {
  const auto answer = parse_dns_answer(question().bytes());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, MayHoldRecordsThatNobodyAskedFor) {
  const auto answer =
      parse_dns_answer(question()
                           .record("demo.example", fakes::kDnsTxt, 5, DnsPacket::Bytes{2, 'h', 'i'})
                           .address("demo.example", "192.0.2.7", 5)
                           .bytes());
  EXPECT_EQ(answer->addresses.size(), 1U);
}

TEST(DnsMessage, HoldsNoAddressOfAnOddSize) {
  const auto answer = parse_dns_answer(
      question().record("demo.example", fakes::kDnsA, 5, DnsPacket::Bytes{1, 2, 3}).bytes());
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->addresses.empty());
}

TEST(DnsMessage, FollowsACompressedName) {
  DnsPacket packet = question();
  const DnsPacket::Bytes to_question{0xc0, fakes::kDnsHeaderSize};
  const DnsPacket::Bytes to_example{0xc0, fakes::kDnsHeaderSize + 5};
  packet.put(to_question).record_after_name(fakes::kDnsCname, 5, to_example);
  EXPECT_EQ(parse_dns_answer(packet.bytes())->cnames, Names{"example"});
}

TEST(DnsMessage, HoldsTheChainWhateverTheOrderAndTheSpelling) {
  const auto answer = parse_dns_answer(question()
                                           .address("pop.EXAMPLE", "192.0.2.7", 30)
                                           .cname("EDGE.example", "Pop.example", 60)
                                           .cname("Demo.Example", "edge.example", 60)
                                           .bytes());
  EXPECT_EQ(answer->cnames, (Names{"edge.example", "Pop.example"}));
  EXPECT_EQ(answer->addresses, (Addresses{{"192.0.2.7", seconds{30}}}));
}

// Regression: whatever stood in the answer was taken, whosever it was.
TEST(DnsMessage, HoldsNothingOfAnotherName) {
  const auto answer = parse_dns_answer(question()
                                           .cname("demo.example", "edge.example", 60)
                                           .cname("other.example", "evil.example", 60)
                                           .address("evil.example", "192.0.2.6", 30)
                                           .address("demo.example", "192.0.2.5", 30)
                                           .address("edge.example", "192.0.2.7", 30)
                                           .bytes());
  EXPECT_EQ(answer->cnames, Names{"edge.example"});
  EXPECT_EQ(answer->addresses, (Addresses{{"192.0.2.7", seconds{30}}}));
}

TEST(DnsMessage, IsRefusedWhenItsCnamesRunInACircle) {
  const auto itself =
      parse_dns_answer(question().cname("demo.example", "DEMO.example", 60).bytes());
  ASSERT_FALSE(itself);
  EXPECT_EQ(itself.error().message, "the CNAMEs run in a circle, through DEMO.example");
  EXPECT_FALSE(parse_dns_answer(question()
                                    .cname("demo.example", "a.example", 60)
                                    .cname("a.example", "b.example", 60)
                                    .cname("b.example", "a.example", 60)
                                    .address("a.example", "192.0.2.7", 30)
                                    .bytes()));
}

// Regression: the collector turned the whole result away, since it takes no message beyond 1 KiB.
TEST(DnsMessage, IsRefusedInASentenceOfBoundedLengthWhateverTheName) {
  const std::string label(61, '\x01');
  const std::string name = label + "." + label + "." + label + "." + label;
  const auto answer =
      parse_dns_answer(DnsPacket().question(name, fakes::kDnsA).cname(name, name, 60).bytes());
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().message.contains("in a circle")) << answer.error().message;
  EXPECT_LE(answer.error().message.size(), 512U);
}

TEST(DnsMessage, SaysWhichCodeNobodyExpects) {
  const auto answer =
      parse_dns_answer(DnsPacket(1, 9).question("demo.example", fakes::kDnsA).bytes());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "the resolver answered with the code 9");
}

// Regression: a resolver that answered with more made the whole measurement unacceptable to the
// collector.
TEST(DnsMessage, HoldsNoMoreRecordsThanTheCollectorTakes) {
  DnsPacket packet = question();
  const auto name = [](std::size_t i) { return "a" + std::to_string(i); };
  const std::size_t more = kMaxDnsRecords + 5;
  packet.cname("demo.example", name(0), 5);
  for (std::size_t i = 0; i < more; ++i) packet.cname(name(i), name(i + 1), 5);
  for (std::size_t i = 0; i < more; ++i) packet.address(name(more), "192.0.2.7", 5);
  const auto answer = parse_dns_answer(packet.bytes());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->addresses.size(), kMaxDnsRecords);
  EXPECT_EQ(answer->cnames.size(), kMaxDnsRecords);
  // With the first CNAME, from the question's own name.
  EXPECT_EQ(answer->omitted, 2 * more + 1 - 2 * kMaxDnsRecords);
}

TEST(DnsMessage, WritesLabelsThatAreNotTextAsAscii) {
  const auto answer =
      parse_dns_answer(question().cname("demo.example", "\xff\x01.example", 5).bytes());
  EXPECT_EQ(answer->cnames, Names{R"(\255\001.example)"});
}

void expect_malformed(const DnsPacket::Bytes& bytes) {
  const auto answer = parse_dns_answer(bytes);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "the resolver's answer is malformed");
}

TEST(DnsMessage, IsMalformedWhereverItIsCut) {
  const DnsPacket::Bytes whole = question()
                                     .cname("demo.example", "edge.example", 60)
                                     .address("edge.example", "192.0.2.7", 30)
                                     .bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    expect_malformed(
        DnsPacket::Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
  }
}

TEST(DnsMessage, IsMalformedWhenItIsAQuery) { expect_malformed(question().flags(0x0100).bytes()); }

TEST(DnsMessage, IsMalformedWithAnyNumberOfQuestionsButOne) {
  expect_malformed(DnsPacket().bytes());
  expect_malformed(question().question("demo.example", fakes::kDnsA).bytes());
}

TEST(DnsMessage, IsMalformedWhenAPointerPointsToItself) {
  DnsPacket packet = question();
  const auto here = static_cast<std::uint8_t>(packet.size());
  packet.put(DnsPacket::Bytes{0xc0, here})
      .record_after_name(fakes::kDnsA, 5, DnsPacket::Bytes{1, 2, 3, 4});
  expect_malformed(packet.bytes());
}

TEST(DnsMessage, IsMalformedWhenPointersPointAtEachOther) {
  DnsPacket packet = question();
  // The CNAME's data: two pointers, each to the other.
  const auto data = static_cast<std::uint8_t>(packet.size() +
                                              DnsPacket::encoded_name("demo.example").size() + 10);
  const auto next = static_cast<std::uint8_t>(data + 2);
  packet.record("demo.example", fakes::kDnsCname, 5, DnsPacket::Bytes{0xc0, next, 0xc0, data});
  expect_malformed(packet.bytes());
}

TEST(DnsMessage, IsMalformedWhenAPointerLeadsOutOfIt) {
  DnsPacket packet = question();
  packet.record("demo.example", fakes::kDnsCname, 5, DnsPacket::Bytes{0xff, 0xff});
  expect_malformed(packet.bytes());
}

TEST(DnsMessage, IsReadOrRefusedWhateverTheBytes) {
  std::mt19937 random(6);
  const DnsPacket::Bytes good = question()
                                    .cname("demo.example", "edge.example", 60)
                                    .address("edge.example", "192.0.2.7", 30)
                                    .address("edge.example", "2001:db8::7", 30)
                                    .bytes();
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    DnsPacket::Bytes bytes = good;
    for (auto left = 1 + random() % 4; left > 0; --left) {
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    }
    bytes.resize(bytes.size() - random() % 3);
    // A copy of exactly this size, so that a sanitizer sees a read beyond it.
    bytes.shrink_to_fit();
    const auto answer = parse_dns_answer(bytes);
    if (!answer) continue;
    ++read;
    for (const auto& resolved : answer->addresses) ASSERT_FALSE(resolved.address.empty());
  }
  EXPECT_GT(read, 100);
}

}  // namespace
}  // namespace firstbyte::agent
