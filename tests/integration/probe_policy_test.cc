// Where the real prober may not be sent, by whatever way it is asked to.
#include <netinet/in.h>

#include "tests/fakes/net_namespace.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

class ProberPolicy : public ProberFixture {
 protected:
  std::string url(std::string_view host) const {
    return fmt::format("http://{}:{}/", host, server_.port());
  }
  void expect_refused(const Measurement& m, std::string_view kind) {
    expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
    EXPECT_TRUE(m.failure->message.contains(kind)) << m.failure->message;
    EXPECT_EQ(server_.connections(), 0U);
  }

  fakes::ScriptedServer server_{[](auto& connection) {
    connection.read_request();
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  }};
};

TEST_F(ProberPolicy, RefusesAPortWithoutAskingDns) {
  set_policy(AddressPolicy({parse_network("127.0.0.0/8").value()}));
  dns_.add("demo.test", "127.0.0.1");
  const Measurement m = probe(url("demo.test"));
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kPortNotAllowed);
  EXPECT_EQ(m.failure->message,
            fmt::format("this agent may not probe port {0}; the agent's --allow-port {0} would "
                        "allow it",
                        server_.port()));
  EXPECT_EQ(phases_of(m), "");
  EXPECT_TRUE(dns_.queries().empty());
  EXPECT_EQ(server_.connections(), 0U);
}

TEST_F(ProberPolicy, ProbesAPortThatTheOperatorAllows) {
  AddressPolicy::Ports ports;
  ports.add(server_.port());
  set_policy(AddressPolicy({parse_network("127.0.0.0/8").value()}, ports));
  EXPECT_EQ(probe(url("127.0.0.1")).status, 200);
}

TEST_F(ProberPolicy, RefusesAMappedAddressWhoseIpv4ItMayProbe) {
  expect_refused(probe(url("[::ffff:127.0.0.1]")), "an IPv4-mapped address");
  expect_refused(probe(url("[::ffff:7f00:1]")), "an IPv4-mapped address");
}

TEST_F(ProberPolicy, RefusesANameThatLeadsToAMappedAddress) {
  dns_.add("demo.test", "::ffff:127.0.0.1");
  expect_refused(probe(url("demo.test")), "an IPv4-mapped address");
}

TEST_F(ProberPolicy, ProbesAMappedAddressThatTheOperatorAllows) {
  set_policy(allowing({"::ffff:127.0.0.0/104"}));
  EXPECT_EQ(probe(url("[::ffff:127.0.0.1]")).status, 200);
}

// libcurl, and getaddrinfo() behind it, would read each of these as 127.0.0.1.
class OddLiteral : public ProberPolicy, public testing::WithParamInterface<const char*> {};

TEST_P(OddLiteral, IsNoHost) {
  dns_.add(GetParam(), "127.0.0.1");
  expect_failure(probe(url(GetParam())), std::nullopt, Origin::kAgent, Cause::kInvalidUrl);
  EXPECT_TRUE(dns_.queries().empty());
  EXPECT_EQ(server_.connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(ProberPolicy, OddLiteral,
                         testing::Values("2130706433", "0x7f000001", "0x7f.1", "127.1", "127.0.1",
                                         "0177.0.0.1", "017700000001", "127.1."));

TEST_F(ProberPolicy, RefusesAnAddressWithADotBehindIt) {
  expect_failure(probe(url("127.0.0.1.")), std::nullopt, Origin::kAgent, Cause::kInvalidUrl);
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(ProberPolicy, ChecksTheAddressThatANameLeadsToNow) {
  set_policy(allowing({"127.0.0.1"}));
  dns_.add("demo.test", "127.0.0.1", 3600);
  EXPECT_EQ(probe(url("demo.test")).status, 200);
  dns_.add("demo.test", "127.0.0.2", 3600);
  const Measurement m = probe(url("demo.test"));
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  EXPECT_EQ(m.dns->addresses.front().address, "127.0.0.2");
  EXPECT_EQ(server_.connections(), 1U);
}

TEST_F(ProberPolicy, RefusesWhatAnInterfaceOfThisHostIsCalled) {
  const bool ran = fakes::run_in_own_network([this] {
    fakes::ip("link set lo up");
    fakes::ip("addr add 8.8.8.8/32 dev lo");
    fakes::ip("addr add 2a00:1450::8/128 dev lo nodad");
    set_resolver(53);
    const Measurement v4 = probe("http://8.8.8.8/");
    expect_failure(v4, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
    EXPECT_EQ(v4.failure->message,
              "this agent may not probe 8.8.8.8: it is an address of this host itself; the agent's "
              "--allow-network 8.8.8.8 would allow it");
    const Measurement v6 = probe("http://[2a00:1450::8]/");
    expect_failure(v6, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
    EXPECT_TRUE(v6.failure->message.contains("an address of this host itself"));
  });
  if (!ran) GTEST_SKIP() << fakes::kNoNamespaces;
}

}  // namespace
}  // namespace firstbyte::agent
