// The real prober asks over IPv4, IPv6 or both.
#include <gmock/gmock.h>

#include "tests/fakes/web_site.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using testing::ElementsAre;

// The same port on 127.0.0.1 and ::1.
std::pair<fakes::Socket, fakes::Socket> listening_on_both() {
  while (true) {
    fakes::Socket v4 = fakes::Socket::listening();
    try {
      fakes::Socket v6 = fakes::Socket::listening_v6(v4.port());
      return {std::move(v4), std::move(v6)};
    } catch (const std::system_error&) {
      continue;  // another has it
    }
  }
}

class ProbeFamily : public ProberFixture {
 protected:
  ProbeFamily() : ProbeFamily(listening_on_both()) {}

  Target of(Family family, std::string_view host = "both.test") const {
    return {.url = v4_.url("/", host), .family = family, .timeout = kPlenty};
  }
  std::vector<std::uint16_t> types() const {
    std::vector<std::uint16_t> types;
    for (const auto& query : dns_.queries()) types.push_back(query.type);
    return types;
  }

  fakes::WebSite v4_;
  fakes::WebSite v6_;

 private:
  explicit ProbeFamily(std::pair<fakes::Socket, fakes::Socket> sockets)
      : v4_(std::move(sockets.first)), v6_(std::move(sockets.second)) {
    set_policy(allowing({"127.0.0.0/8", "::1"}));
    dns_.add("v4.test", "127.0.0.1");
    dns_.add("v6.test", "::1");
    dns_.script("both.test", 0, [](fakes::DnsPacket& packet, const fakes::DnsServer::Query& query) {
      packet.address("both.test", query.type == fakes::kDnsA ? "127.0.0.1" : "::1", 60);
    });
  }
};

TEST_F(ProbeFamily, IsIpv4WhereThereIsAChoice) {
  const Measurement m = probe(of(Family::kAny));
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.remote->ip, "127.0.0.1");
  EXPECT_EQ(m.family, Family::kIpv4);
  EXPECT_THAT(types(), ElementsAre(fakes::kDnsA));
}

TEST_F(ProbeFamily, IsIpv6WhereThereIsNothingElse) {
  const Measurement m = probe(of(Family::kAny, "v6.test"));
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.remote->ip, "::1");
  EXPECT_THAT(types(), ElementsAre(fakes::kDnsA, fakes::kDnsAaaa));
}

TEST_F(ProbeFamily, IsTheOneThatWasChosen) {
  const Measurement v6 = probe(of(Family::kIpv6));
  ASSERT_FALSE(v6.failure) << v6.failure->message;
  EXPECT_EQ(v6.remote->ip, "::1");
  EXPECT_EQ(v6.family, Family::kIpv6);
  EXPECT_TRUE(v6.samples.empty());
  const Measurement v4 = probe(of(Family::kIpv4));
  EXPECT_EQ(v4.remote->ip, "127.0.0.1");
  EXPECT_EQ(v4.family, Family::kIpv4);
  EXPECT_THAT(types(), ElementsAre(fakes::kDnsAaaa, fakes::kDnsA));
}

TEST_F(ProbeFamily, HasNoAddressInTheOther) {
  expect_failure(probe(of(Family::kIpv6, "v4.test")), Phase::kDns, Origin::kResolver,
                 Cause::kNoAddress);
  expect_failure(probe(of(Family::kIpv4, "v6.test")), Phase::kDns, Origin::kResolver,
                 Cause::kNoAddress);
  EXPECT_THAT(types(), ElementsAre(fakes::kDnsAaaa, fakes::kDnsA));
}

TEST_F(ProbeFamily, CannotBeAnotherThanThatOfAnAddress) {
  const Measurement v6 = probe(of(Family::kIpv6, "127.0.0.1"));
  expect_failure(v6, std::nullopt, Origin::kAgent, Cause::kNoAddress);
  EXPECT_EQ(v6.failure->message, "127.0.0.1 is an IPv4 address, not an IPv6 one");
  expect_failure(probe(of(Family::kIpv4, "[::1]")), std::nullopt, Origin::kAgent,
                 Cause::kNoAddress);
  EXPECT_FALSE(probe(of(Family::kIpv6, "[::1]")).failure);
  EXPECT_EQ(v4_.connections(), 0U);
  EXPECT_EQ(v6_.connections(), 1U);
}

TEST_F(ProbeFamily, MayBeBothSideBySide) {
  Target asked = of(Family::kBoth);
  asked.samples = 2;
  const Measurement m = probe(asked);
  ASSERT_FALSE(m.failure) << m.failure->message;
  ASSERT_EQ(m.samples.size(), 4U);
  std::vector<Family> families;
  for (const Measurement& sample : m.samples) {
    families.push_back(sample.family);
    EXPECT_EQ(sample.remote->ip, sample.family == Family::kIpv4 ? "127.0.0.1" : "::1");
    EXPECT_EQ(sample.test_id, "test");
    EXPECT_EQ(sample.url, asked.url);
  }
  EXPECT_THAT(families, ElementsAre(Family::kIpv4, Family::kIpv6, Family::kIpv4, Family::kIpv6));
  EXPECT_EQ(v4_.requests().size(), 2U);
  EXPECT_EQ(v6_.requests().size(), 2U);
}

TEST_F(ProbeFamily, FailsWhereOneOfBothDoes) {
  const Measurement m = probe(of(Family::kBoth, "v4.test"));
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kNoAddress);
  EXPECT_EQ(m.family, Family::kIpv6);
  ASSERT_EQ(m.samples.size(), 2U);
  EXPECT_FALSE(m.samples[0].failure);
  EXPECT_EQ(m.samples[1].failure, m.failure);
}

}  // namespace
}  // namespace firstbyte::agent
