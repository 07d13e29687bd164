// The real prober against resolvers whose packets are wrong, too long, or somebody else's.
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using fakes::DnsPacket;
using Bytes = DnsPacket::Bytes;
using Datagrams = std::vector<Bytes>;
using Query = fakes::DnsServer::Query;
using fakes::Socket;
using std::chrono::seconds;

class ProberDnsHostile : public ProberFixture {
 protected:
  std::string url() const { return fmt::format("http://demo.test:{}/", server_.port()); }
  std::string resolver() const { return fmt::format("127.0.0.1:{}", dns_.port()); }

  static DnsPacket good(const Query& query) {
    return query.response().address("demo.test", "127.0.0.1", 5);
  }
  static DnsPacket truncated(const Query& query) {
    return query.response().flags(fakes::kDnsTruncated);
  }

  // What becomes of a probe whose query these answer.
  Measurement answered(fakes::DnsServer::Datagrams datagrams, Millis timeout = kPlenty) {
    dns_.reply("demo.test", std::move(datagrams));
    return probe(url(), timeout);
  }
  Measurement answered_over_tcp(fakes::DnsServer::Talk talk, Millis timeout = kPlenty) {
    dns_.serve_tcp(std::move(talk));
    return answered([](const Query& query) { return Datagrams{truncated(query).bytes()}; },
                    timeout);
  }
  // Not taken for an answer: it ends by its deadline, waiting for the resolver.
  void expect_ignored(const Measurement& m) {
    expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kTimeout);
    ASSERT_TRUE(m.dns);
    EXPECT_EQ(m.dns->resolver, resolver());
    EXPECT_TRUE(m.dns->addresses.empty());
    EXPECT_LT(m.timings.total(), kShort + seconds{5});
  }

  fakes::ScriptedServer server_{[](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  }};
};

// -------------------------------------------------------------------------------------------------
// not an answer to what was asked

TEST_F(ProberDnsHostile, IgnoresAnAnswerWithAnotherId) {
  expect_ignored(answered(
      [](const Query& query) {
        Query other = query;
        ++other.id;
        return Datagrams{good(other).bytes()};
      },
      kShort));
}

TEST_F(ProberDnsHostile, IgnoresAnAnswerToAnotherQuestion) {
  expect_ignored(answered(
      [](const Query& query) {
        Query other = query;
        other.name = "other.test";
        return Datagrams{good(other).bytes()};
      },
      kShort));
}

TEST_F(ProberDnsHostile, IgnoresAnAnswerWithoutAQuestion) {
  expect_ignored(answered(
      [](const Query& query) {
        return Datagrams{DnsPacket(query.id).address("demo.test", "127.0.0.1", 5).bytes()};
      },
      kShort));
}

TEST_F(ProberDnsHostile, IgnoresAnEmptyDatagramAndGarbage) {
  expect_ignored(answered(
      [](const Query&) {
        return Datagrams{{}, {0x12}, Bytes(11, 0xff), Bytes(512, 0xc0), Bytes(60'000, 'x')};
      },
      kShort));
}

TEST_F(ProberDnsHostile, WaitsForTheAnswerBehindForgedOnes) {
  const Measurement m = answered([](const Query& query) {
    Query other = query;
    other.id = static_cast<std::uint16_t>(query.id + 1);
    const Bytes forged = other.response().address("demo.test", "127.0.0.9", 5).bytes();
    Datagrams datagrams(50, forged);
    datagrams.push_back(good(query).bytes());
    return datagrams;
  });
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.dns->addresses, (std::vector<ResolvedAddress>{{"127.0.0.1", seconds{5}}}));
}

// The socket is connected: the kernel passes on only what the asked server sends.
TEST_F(ProberDnsHostile, IgnoresTheAnswerOfAnotherServer) {
  const Socket stranger = Socket::bound(SOCK_DGRAM);
  expect_ignored(answered(
      [&](const Query& query) {
        const sockaddr_in to = Socket::loopback(query.from_port);
        const Bytes answer = good(query).bytes();
        ::sendto(stranger.fd(), answer.data(), answer.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof to);
        return Datagrams{};
      },
      kShort));
}

// Regression: c-ares takes a query for an answer.
TEST_F(ProberDnsHostile, FailsForAResolverThatSendsTheQueryBack) {
  const Measurement m = answered(
      [](const Query& query) { return Datagrams{query.response().flags(0x0100).bytes()}; });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
}

// Regression: c-ares takes every code that it does not know for success.
TEST_F(ProberDnsHostile, FailsForACodeThatNoResolverShouldGive) {
  const Measurement m =
      answered([](const Query& query) { return Datagrams{query.response(9).bytes()}; });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
  EXPECT_EQ(m.failure->message, "the resolver answered with the code 9");
}

TEST_F(ProberDnsHostile, FailsForAnAnswerThatIsCutOff) {
  const Measurement m = answered([](const Query& query) {
    Bytes bytes = good(query).bytes();
    bytes.resize(bytes.size() - 3);
    return Datagrams{bytes};
  });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
}

TEST_F(ProberDnsHostile, FailsForCnamesThatRunInACircle) {
  const Measurement m = answered([](const Query& query) {
    return Datagrams{query.response()
                         .cname("demo.test", "a.test", 5)
                         .cname("a.test", "b.test", 5)
                         .cname("b.test", "a.test", 5)
                         .bytes()};
  });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kBadAnswer);
  EXPECT_TRUE(m.failure->message.starts_with("the CNAMEs run in a circle")) << m.failure->message;
}

// Regression: any address in the answer was taken, whosever it was.
TEST_F(ProberDnsHostile, TakesNoAddressOfAnotherName) {
  const Measurement m = answered([](const Query& query) {
    return Datagrams{query.response().address("other.test", "127.0.0.1", 5).bytes()};
  });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kNoAddress);
}

TEST_F(ProberDnsHostile, DoesNotAskDnsForAnOnionName) {
  const Measurement m = probe("http://abc.onion:8080/");
  expect_failure(m, Phase::kDns, Origin::kAgent, Cause::kNxdomain);
  EXPECT_TRUE(dns_.queries().empty());
}

// -------------------------------------------------------------------------------------------------
// too long for a datagram

DnsPacket with_addresses(const Query& query, int count) {
  DnsPacket packet = query.response();
  for (int i = 0; i < count; ++i) packet.address("demo.test", fmt::format("127.0.0.{}", 1 + i), 5);
  return packet;
}

TEST_F(ProberDnsHostile, AsksAgainOverTcpForATruncatedAnswer) {
  const Measurement m = answered_over_tcp([](const Socket& connection, const Query& query) {
    connection.send(with_addresses(query, 100).framed());
  });
  EXPECT_EQ(m.status, 200);
  ASSERT_TRUE(m.dns);
  EXPECT_EQ(m.dns->over_tcp, true);
  EXPECT_EQ(m.dns->resolver, resolver());
  EXPECT_EQ(m.dns->addresses.size(), 100U);
  EXPECT_EQ(m.remote->ip, "127.0.0.1");
  // Both queries and the handshake have their stamps.
  EXPECT_EQ(m.timings.span(Phase::kDns)->clock, Span::Clock::kKernel);
  ASSERT_EQ(dns_.queries().size(), 2U);
  EXPECT_TRUE(dns_.queries()[1].over_tcp);
}

TEST_F(ProberDnsHostile, CountsTheWaitForEachAnswerAsDns) {
  constexpr Millis kDelay{40};
  dns_.serve_tcp([=](const Socket& connection, const Query& query) {
    std::this_thread::sleep_for(kDelay);
    const std::string answer = good(query).framed();
    connection.send(answer.substr(0, 7));
    std::this_thread::sleep_for(kDelay);
    connection.send(answer.substr(7));
  });
  const Measurement m = answered([=](const Query& query) {
    std::this_thread::sleep_for(kDelay);
    return Datagrams{truncated(query).bytes()};
  });
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.timings.span(Phase::kDns)->clock, Span::Clock::kKernel);
  EXPECT_GE(m.timings.duration(Phase::kDns), 3 * kDelay);
}

// The collector takes no more, whatever fits into a message of 64 KiB.
TEST_F(ProberDnsHostile, KeepsTheFirstOfThousandsOfAddresses) {
  const Measurement m = answered_over_tcp([](const Socket& connection, const Query& query) {
    DnsPacket packet = query.response();
    while (packet.size() < 65'000) packet.address("demo.test", "127.0.0.1", 5);
    connection.send(packet.framed());
  });
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.dns->addresses.size(), kMaxDnsRecords);
  EXPECT_GT(m.dns->omitted, 2000U);
}

// No more than 512 bytes were offered, so what exceeds them may be cut.
TEST_F(ProberDnsHostile, AsksAgainOverTcpForADatagramThatIsTooLong) {
  dns_.serve_tcp(
      [](const Socket& connection, const Query& query) { connection.send(good(query).framed()); });
  const Measurement m =
      answered([](const Query& query) { return Datagrams{with_addresses(query, 200).bytes()}; });
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.dns->over_tcp, true);
  EXPECT_EQ(m.dns->addresses.size(), 1U);
}

TEST_F(ProberDnsHostile, FailsForATruncatedAnswerWithoutTcp) {
  const Measurement m =
      answered([](const Query& query) { return Datagrams{truncated(query).bytes()}; });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kUnreachable);
  EXPECT_TRUE(m.failure->message.contains("over TCP")) << m.failure->message;
  EXPECT_EQ(m.dns->over_tcp, true);
  EXPECT_EQ(phases_of(m), "dns");
}

TEST_F(ProberDnsHostile, FailsWhenTheResolverClosesWithinItsAnswerOverTcp) {
  const Measurement m = answered_over_tcp([](const Socket& connection, const Query& query) {
    connection.send(good(query).framed().substr(0, 20));
  });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kClosed);
}

TEST_F(ProberDnsHostile, FailsForAnAnswerOfNoLengthOverTcp) {
  const Measurement m = answered_over_tcp([](const Socket& connection, const Query&) {
    connection.send(std::string(2, '\0'));
    connection.receive();
  });
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kClosed);
}

TEST_F(ProberDnsHostile, FailsForAnAnswerToAnotherQuestionOverTcp) {
  const Measurement m = answered_over_tcp(
      [](const Socket& connection, const Query& query) {
        Query other = query;
        ++other.id;
        connection.send(good(other).framed());
        connection.receive();
      },
      kShort);
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kTimeout);
}

TEST_F(ProberDnsHostile, EndsByItsDeadlineWhenTheAnswerDripsOverTcp) {
  const Measurement m = answered_over_tcp(
      [](const Socket& connection, const Query& query) {
        for (const char byte : with_addresses(query, 100).framed()) {
          if (!connection.send({&byte, 1})) return;
          std::this_thread::sleep_for(Millis{10});
        }
      },
      kShort);
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kTimeout);
  EXPECT_LT(m.timings.total(), kShort + seconds{5});
}

}  // namespace
}  // namespace firstbyte::agent
