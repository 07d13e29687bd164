// The real prober against a resolver that does as it is told.
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using fakes::DnsPacket;
using Query = fakes::DnsServer::Query;
using std::chrono::seconds;

constexpr int kFormErr = 1;
constexpr int kServFail = 2;
constexpr int kNxdomain = 3;
constexpr int kNotImp = 4;
constexpr int kRefused = 5;

class ProberDns : public ProberFixture {
 protected:
  std::string url(std::string_view host = "demo.test") const {
    return fmt::format("http://{}:{}/", host, server_.port());
  }

  fakes::ScriptedServer server_{[](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  }};
};

TEST_F(ProberDns, AsksForTheNameAsItStands) {
  dns_.add("demo.test", "127.0.0.1");
  EXPECT_EQ(probe(url()).status, 200);
  const auto queries = dns_.queries();
  ASSERT_EQ(queries.size(), 1U);
  EXPECT_EQ(queries.front().name, "demo.test");
  EXPECT_EQ(queries.front().type, fakes::kDnsA);
}

TEST_F(ProberDns, KeepsTheChainOfCnames) {
  dns_.script("demo.test", 0, [](DnsPacket& packet, const Query&) {
    packet.cname("demo.test", "edge.test", 300).address("edge.test", "127.0.0.1", 20);
  });
  const Measurement m = probe(url());
  ASSERT_TRUE(m.dns);
  EXPECT_EQ(m.dns->cnames, std::vector<std::string>{"edge.test"});
  EXPECT_EQ(m.dns->addresses, (std::vector<ResolvedAddress>{{"127.0.0.1", seconds{20}}}));
}

TEST_F(ProberDns, UsesTheFirstAddressOfSeveral) {
  dns_.script("demo.test", 0, [](DnsPacket& packet, const Query&) {
    packet.address("demo.test", "127.0.0.1", 5).address("demo.test", "127.0.0.2", 5);
  });
  const Measurement m = probe(url());
  EXPECT_EQ(m.remote->ip, "127.0.0.1");
  EXPECT_EQ(m.dns->addresses.size(), 2U);
}

TEST_F(ProberDns, AsksForIpv6WhenThereIsNoIpv4) {
  dns_.add("demo.test", "::1", 5);
  const Measurement m = probe(url());
  EXPECT_EQ(m.dns->addresses, (std::vector<ResolvedAddress>{{"::1", seconds{5}}}));
  ASSERT_EQ(dns_.queries().size(), 2U);
  EXPECT_EQ(dns_.queries()[1].type, fakes::kDnsAaaa);
  // This agent may probe 127.0.0.0/8 only, so there is no telling whether this host has IPv6.
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
}

TEST_F(ProberDns, FailsForANameThatDoesNotExist) {
  const Measurement m = probe(url("missing.test"));
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kNxdomain);
  EXPECT_EQ(phases_of(m), "dns");
  EXPECT_EQ(m.remote, std::nullopt);
  EXPECT_EQ(dns_.queries().size(), 1U);
}

TEST_F(ProberDns, FailsForANameWithoutAnAddress) {
  dns_.script("demo.test", 0);
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kNoAddress);
}

// Regression: c-ares asks a resolver that says so again and again, and then says it was not
// reached.
TEST_F(ProberDns, FailsAtOnceWhenTheResolverHasFailed) {
  dns_.script("demo.test", kServFail);
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kServfail);
  EXPECT_EQ(dns_.queries().size(), 1U);
}

TEST_F(ProberDns, FailsAtOnceWhenTheResolverRefuses) {
  dns_.script("demo.test", kRefused);
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kRefused);
  EXPECT_EQ(dns_.queries().size(), 1U);
}

TEST_F(ProberDns, FailsWhenTheResolverUnderstandsNothing) {
  dns_.script("demo.test", kFormErr);
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
}

TEST_F(ProberDns, FailsWhenTheResolverCannotDoIt) {
  dns_.script("demo.test", kNotImp);
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
}

TEST_F(ProberDns, FailsForAMalformedAnswer) {
  dns_.script("demo.test", 0, [](DnsPacket& packet, const Query&) {
    // Its name is a pointer to itself.
    const auto here = static_cast<std::uint8_t>(packet.size());
    packet.put(DnsPacket::Bytes{0xc0, here})
        .record_after_name(fakes::kDnsA, 5, DnsPacket::Bytes{127, 0, 0, 1});
  });
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
}

// Regression: of a failed lookup nothing was kept, so nobody could see which resolver it was.
TEST_F(ProberDns, KeepsTheResolverThatSaidNo) {
  for (const int rcode : {kNxdomain, kServFail, kRefused, kFormErr}) {
    dns_.script("demo.test", rcode);
    const Measurement m = probe(url());
    ASSERT_TRUE(m.failure) << rcode;
    EXPECT_EQ(m.dns, (DnsAnswer{fmt::format("127.0.0.1:{}", dns_.port()), {}, {}, false})) << rcode;
  }
}

// Regression: as above.
TEST_F(ProberDns, KeepsTheResolverThatSaidNothing) {
  dns_.silence("demo.test");
  const Measurement m = probe(url(), Millis{150});
  EXPECT_EQ(m.dns, (DnsAnswer{fmt::format("127.0.0.1:{}", dns_.port()), {}, {}, false}));
}

// Regression: as above.
TEST_F(ProberDns, KeepsTheCnamesThatLeadNowhere) {
  dns_.script("demo.test", kNxdomain,
              [](DnsPacket& packet, const Query&) { packet.cname("demo.test", "gone.test", 300); });
  const Measurement m = probe(url());
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kNxdomain);
  ASSERT_TRUE(m.dns);
  EXPECT_EQ(m.dns->cnames, std::vector<std::string>{"gone.test"});
  EXPECT_TRUE(m.dns->addresses.empty());
}

TEST_F(ProberDns, KeepsTheCnamesOfANameWithoutAnAddress) {
  dns_.script("demo.test", 0, [](DnsPacket& packet, const Query& query) {
    if (query.type == fakes::kDnsA) packet.cname("demo.test", "empty.test", 300);
  });
  const Measurement m = probe(url());
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kNoAddress);
  ASSERT_TRUE(m.dns);
  EXPECT_EQ(m.dns->cnames, std::vector<std::string>{"empty.test"});
}

TEST_F(ProberDns, KeepsNoAddressOfAnAnswerThatSaysNo) {
  dns_.script("demo.test", kServFail,
              [](DnsPacket& packet, const Query&) { packet.address("demo.test", "127.0.0.1", 5); });
  const Measurement m = probe(url());
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kServfail);
  ASSERT_TRUE(m.dns);
  EXPECT_TRUE(m.dns->addresses.empty());
}

TEST_F(ProberDns, EndsByItsDeadlineWhenTheResolverIsSilent) {
  constexpr Millis kTimeout{150};
  dns_.silence("demo.test");
  const Measurement m = probe(url(), kTimeout);
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kTimeout);
  EXPECT_EQ(phases_of(m), "dns");
  EXPECT_GE(m.timings.total(), kTimeout);
  EXPECT_LT(m.timings.total(), kTimeout + seconds{5});
}

// Regression: c-ares asked a silent resolver again and again, so that a lost packet looked like a
// slow answer. This waits as long as one query may.
TEST_F(ProberDns, AsksASilentResolverOnce) {
  dns_.silence("demo.test");
  const Measurement m = probe(url());
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kTimeout);
  EXPECT_LT(m.timings.total(), kPlenty);
  EXPECT_EQ(dns_.queries().size(), 1U);
}

TEST_F(ProberDns, FailsWhenTheResolverIsNotThere) {
  std::uint16_t closed = 0;
  {
    const fakes::Socket nobody = fakes::Socket::bound(SOCK_DGRAM);
    closed = nobody.port();
  }
  set_resolver(closed);
  expect_failure(probe(url()), Phase::kDns, Origin::kResolver, Cause::kUnreachable);
}

TEST_F(ProberDns, AsksNobodyAboutAnAddress) {
  EXPECT_EQ(probe(url("127.0.0.1")).status, 200);
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(ProberDns, FailsForANameThatLeadsWhereTheAgentMayNotProbe) {
  set_policy(allowing({}));
  dns_.add("demo.test", "127.0.0.1");
  const Measurement m = probe(url());
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  ASSERT_TRUE(m.dns);
  EXPECT_EQ(m.dns->addresses.size(), 1U);
  EXPECT_EQ(phases_of(m), "dns");
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(ProberDns, CountsTheSlowResolverAsDns) {
  constexpr Millis kDelay{60};
  dns_.script("demo.test", 0, [=](DnsPacket& packet, const Query&) {
    std::this_thread::sleep_for(kDelay);
    packet.address("demo.test", "127.0.0.1", 5);
  });
  EXPECT_GE(probe(url()).timings.duration(Phase::kDns), kDelay);
}

}  // namespace
}  // namespace firstbyte::agent
