// The real prober asks as a target says: how, where and for how long.
#include <curl/curl.h>
#include <gmock/gmock.h>

#include "tests/fakes/web_site.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using Connection = fakes::ScriptedServer::Connection;
using testing::ElementsAre;

class ProbeTarget : public ProberFixture {
 protected:
  static Target target(std::string url) { return {.url = std::move(url), .timeout = kPlenty}; }
};

// ---------------------------------------------------------------------- request

// The head's lines but for the first, and what is behind them.
std::vector<std::string> lines_of(const std::string& request) {
  std::vector<std::string> lines;
  for (std::size_t at = request.find("\r\n") + 2; at < request.size();) {
    const std::size_t end = std::min(request.find("\r\n", at), request.size());
    lines.push_back(request.substr(at, end - at));
    at = end + 2;
  }
  return lines;
}

bool has_line(const std::string& request, std::string_view line) {
  const auto lines = lines_of(request);
  return std::ranges::find(lines, line) != lines.end();
}

TEST_F(ProbeTarget, IsAskedForItsHead) {
  fakes::WebSite site;
  site.answer("/", "HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\nX-A: b\r\n\r\n");
  Target head = target(site.url());
  head.method = Method::kHead;
  const Measurement m = probe(head);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(site.asked(), std::vector<std::string>{"HEAD / HTTP/1.1"});
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(header(m, "x-a"), "b");
  EXPECT_EQ(phases_of(m), "connect wait transfer");
}

TEST_F(ProbeTarget, GetsABodyWithAPost) {
  fakes::WebSite site;
  Target post = target(site.url("/form"));
  post.method = Method::kPost;
  post.body = std::string("a=b\0\r\n\r\nc", 10);
  const Measurement m = probe(post);
  ASSERT_FALSE(m.failure) << m.failure->message;
  ASSERT_EQ(site.requests().size(), 1U);
  const std::string request = site.requests().front();
  EXPECT_TRUE(request.starts_with("POST /form HTTP/1.1\r\n"));
  EXPECT_TRUE(request.ends_with("\r\n\r\n" + post.body));
  EXPECT_TRUE(has_line(request, "Content-Length: 10"));
}

TEST_F(ProbeTarget, GetsAnEmptyBodyWithAPost) {
  fakes::WebSite site;
  Target post = target(site.url());
  post.method = Method::kPost;
  EXPECT_EQ(probe(post).status, 200);
  EXPECT_TRUE(has_line(site.requests().front(), "Content-Length: 0"));
}

// It would be waited for, a second by libcurl's choice.
TEST_F(ProbeTarget, IsNeverToldToExpectAContinuation) {
  fakes::WebSite site;
  Target post = target(site.url());
  post.method = Method::kPost;
  post.headers = {{"Expect", "100-continue"}};
  post.body.assign(kMaxRequestBody, 'x');
  EXPECT_EQ(probe(post).status, 200);
  EXPECT_EQ(site.requests().front().find("Expect"), std::string::npos);
}

TEST_F(ProbeTarget, IsToldNothingOfABodyButWhatWasTyped) {
  fakes::WebSite site;
  Target post = target(site.url());
  post.method = Method::kPost;
  post.body = "{}";
  EXPECT_EQ(probe(post).status, 200);
  EXPECT_EQ(site.requests().front().find("Content-Type"), std::string::npos);
  post.headers = {{"content-type", "application/json"}};
  EXPECT_EQ(probe(post).status, 200);
  EXPECT_TRUE(has_line(site.requests().back(), "content-type: application/json"));
}

TEST_F(ProbeTarget, GetsNoBodyWithAGet) {
  fakes::WebSite site;
  Target get = target(site.url());
  get.body = "ignored";
  EXPECT_EQ(probe(get).status, 200);
  EXPECT_TRUE(site.requests().front().ends_with("\r\n\r\n"));
}

TEST_F(ProbeTarget, GetsTheHeadersAsTheyWereTyped) {
  fakes::WebSite site;
  Target get = target(site.url());
  get.headers = {{"X-Twice", "1"}, {"x-twice", "2;a=\"b\" : c"}, {"X-Empty", ""},
                 {"X-Blank", " "}, {"User-Agent", "me"},         {"Host", "inner.example"}};
  ASSERT_FALSE(probe(get).failure);
  const std::string request = site.requests().front();
  for (const char* line : {"X-Twice: 1", "x-twice: 2;a=\"b\" : c",
                           "X-Empty:", "X-Blank:", "User-Agent: me", "Host: inner.example"}) {
    EXPECT_TRUE(has_line(request, line)) << line << " in " << request;
  }
  EXPECT_EQ(request.find("firstbyte-agent"), std::string::npos);
  EXPECT_FALSE(has_line(request, "Host: 127.0.0.1"));
}

class BrokenHeader : public ProbeTarget,
                     public testing::WithParamInterface<std::pair<std::string, std::string>> {};

TEST_P(BrokenHeader, NeverReachesTheWire) {
  fakes::WebSite site;
  Target get = target(site.url());
  get.headers = {GetParam()};
  const Measurement m = probe(get);
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kUnsupported);
  EXPECT_EQ(phases_of(m), "");
  EXPECT_EQ(site.connections(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    ProbeTarget, BrokenHeader,
    testing::Values(std::pair{"X-A", "b\r\nX-Injected: c"}, std::pair{"X-A", "b\nc"},
                    std::pair{"X-A", "b\r"}, std::pair{"X-A", std::string("b\0c", 3)},
                    std::pair{"X-A\r\nX-Injected", "c"}, std::pair{"X\nA", "c"},
                    std::pair{std::string("X\0A", 3), "c"}, std::pair{"", "c"}));

// ---------------------------------------------------------------------- HTTP version

class ProbeVersion : public ProbeTarget {
 protected:
  ProbeVersion() {
    trust(nginx_.ca_file());
    dns_.add("good.test", "127.0.0.1");
  }
  Measurement probe_with(HttpVersion version, std::string_view scheme, std::uint16_t port) {
    Target asked = target(fmt::format("{}://good.test:{}/", scheme, port));
    asked.http_version = version;
    return probe(asked);
  }
  static void expect_version(const Measurement& m, std::string_view version) {
    EXPECT_FALSE(m.failure) << m.failure->message;
    EXPECT_EQ(m.status, 200);
    EXPECT_EQ(m.http_version, version);
  }

  const fakes::NginxServer nginx_;
};

TEST_F(ProbeVersion, Is1_1WhereThatIsChosenThoughTheServerHas2) {
  expect_version(probe_with(HttpVersion::k1_1, "https", nginx_.https_port()), "1.1");
  expect_version(probe_with(HttpVersion::k1_1, "http", nginx_.http_port()), "1.1");
}

TEST_F(ProbeVersion, Is2WhereThatIsChosen) {
  expect_version(probe_with(HttpVersion::k2, "https", nginx_.https_port()), "2");
}

TEST_F(ProbeVersion, Is2WithoutTlsWhereThatIsChosen) {
  expect_version(probe_with(HttpVersion::k2, "http", nginx_.http2_port()), "2");
}

TEST_F(ProbeVersion, FailsForAServerWithout2) {
  const Measurement m = probe_with(HttpVersion::k2, "https", nginx_.https1_port());
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kProtocol);
  EXPECT_EQ(m.failure->message, "the server does not speak HTTP/2");
}

TEST_F(ProbeVersion, FailsForAServerWithout2WithoutTls) {
  const Measurement m = probe_with(HttpVersion::k2, "http", nginx_.http_port());
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
}

TEST_F(ProbeVersion, FailsForAnAnswerInAnother) {
  fakes::WebSite site;
  site.answer("/", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n");
  const Measurement m = probe_with(HttpVersion::k1_1, "http", site.port());
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kProtocol);
  EXPECT_EQ(m.failure->message, "the server answered in HTTP/1.0, not in HTTP/1.1");
  EXPECT_EQ(m.status, 200);
}

TEST_F(ProbeVersion, Is3OnlyWhereLibcurlHasIt) {
  if ((curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_HTTP3) != 0) {
    GTEST_SKIP() << "this libcurl speaks HTTP/3";
  }
  const Measurement m = probe_with(HttpVersion::k3, "https", nginx_.https_port());
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kUnsupported);
  EXPECT_EQ(m.failure->message, "this agent's libcurl cannot speak HTTP/3");
}

// ---------------------------------------------------------------------- family

// A socket on ::1, on a port of the kernel's choice or on this one; closed when it is taken.
fakes::Socket listening_v6(std::uint16_t port = 0) {
  fakes::Socket made(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  if (::bind(made.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(made.fd(), 128) != 0) {
    made.close();
  }
  return made;
}

// The same port on 127.0.0.1 and ::1.
std::pair<fakes::Socket, fakes::Socket> listening_on_both() {
  while (true) {
    fakes::Socket v4 = fakes::Socket::listening();
    fakes::Socket v6 = listening_v6(v4.port());
    if (v6.fd() >= 0) return {std::move(v4), std::move(v6)};
  }
}

class ProbeFamily : public ProbeTarget {
 protected:
  ProbeFamily() : ProbeFamily(listening_on_both()) {}

  Target of(Family family, std::string_view host = "both.test") const {
    Target asked = target(v4_.url("/", host));
    asked.family = family;
    return asked;
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
  EXPECT_EQ(m.family, Family::kAny);
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

// ---------------------------------------------------------------------- connect_to and resolver

TEST_F(ProbeTarget, IsConnectedToWhereItIsPinned) {
  fakes::WebSite site;
  Target pinned = target("http://nowhere.test/a");
  pinned.connect_to = Endpoint{"127.0.0.1", site.port()};
  const Measurement m = probe(pinned);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(phases_of(m), "connect wait transfer");
  EXPECT_EQ(m.dns, std::nullopt);
  EXPECT_EQ(m.remote, pinned.connect_to);
  EXPECT_TRUE(has_line(site.requests().front(), "Host: nowhere.test"));
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(ProbeTarget, IsConnectedToOnItsOwnPortWhenThePinHasNone) {
  fakes::WebSite site;
  Target pinned = target(site.url("/", "nowhere.test"));
  pinned.connect_to = Endpoint{"127.0.0.1", 0};
  const Measurement m = probe(pinned);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.remote, (Endpoint{"127.0.0.1", site.port()}));
}

TEST_F(ProbeVersion, KeepsTheNameThatTheCertificateIsForWhenItIsPinned) {
  Target pinned = target("https://good.test/");
  pinned.connect_to = Endpoint{"127.0.0.1", nginx_.https_port()};
  const Measurement m = probe(pinned);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.tls->subject, "CN=good.test");
  pinned.url = "https://other.test/";
  expect_failure(probe(pinned), Phase::kTls, Origin::kTarget, Cause::kNameMismatch);
}

TEST_F(ProbeTarget, MayNotBePinnedToWhatTheAgentMayNotProbe) {
  set_policy(allowing({"127.0.0.1"}));
  Target pinned = target("http://nowhere.test/");
  pinned.connect_to = Endpoint{"127.0.0.2", 80};
  expect_failure(probe(pinned), std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
}

TEST_F(ProbeTarget, MayNotBePinnedToTheOtherFamily) {
  Target pinned = target("http://nowhere.test/");
  pinned.connect_to = Endpoint{"127.0.0.1", 80};
  pinned.family = Family::kIpv6;
  expect_failure(probe(pinned), std::nullopt, Origin::kAgent, Cause::kNoAddress);
}

TEST_F(ProbeTarget, MayNotChooseAResolverThatTheAgentMayNotAsk) {
  set_policy(allowing({"127.0.0.1"}));
  Target asked = target("http://a.test/");
  asked.resolver = Endpoint{"127.0.0.2", 53};
  const Measurement m = probe(asked);
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  EXPECT_EQ(m.failure->message.find("the target's resolver"), 0U);
  EXPECT_EQ(phases_of(m), "");
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(ProbeTarget, MayNotChooseAPortOfAResolverThatTheAgentMayNotAsk) {
  set_policy(AddressPolicy({parse_network("127.0.0.1").value()}));
  Target asked = target("http://a.test/");
  asked.resolver = Endpoint{"127.0.0.1", 5353};
  expect_failure(probe(asked), std::nullopt, Origin::kAgent, Cause::kPortNotAllowed);
  // Port 53 it may, whoever answers there.
  asked.resolver->port = 0;
  EXPECT_EQ(probe(asked).dns->resolver, "127.0.0.1:53");
}

TEST_F(ProbeTarget, IsLookedUpByTheResolverThatItChooses) {
  const fakes::WebSite site;
  fakes::DnsServer other;
  other.add("a.test", "127.0.0.1");
  Target asked = target(site.url("/", "a.test"));
  asked.resolver = Endpoint{"127.0.0.1", other.port()};
  const Measurement m = probe(asked);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.dns->resolver, fmt::format("127.0.0.1:{}", other.port()));
  EXPECT_TRUE(dns_.queries().empty());
}

TEST_F(ProbeTarget, MayNotBeOnAPortThatTheAgentMayNotProbe) {
  set_policy(AddressPolicy({parse_network("127.0.0.0/8").value()}));
  expect_failure(probe("http://a.test:25/"), std::nullopt, Origin::kAgent, Cause::kPortNotAllowed);
  EXPECT_TRUE(dns_.queries().empty());
  Target pinned = target("http://a.test/");
  pinned.connect_to = Endpoint{"127.0.0.1", 25};
  expect_failure(probe(pinned), std::nullopt, Origin::kAgent, Cause::kPortNotAllowed);
}

// The operator who chose the agent's own resolver needs nobody's leave.
TEST_F(ProbeTarget, AsksTheAgentsOwnResolverWhereverItIs) {
  set_policy(AddressPolicy());
  dns_.add("a.test", "127.0.0.1");
  const Measurement m = probe("http://a.test/");
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  EXPECT_EQ(phases_of(m), "dns");
  EXPECT_EQ(dns_.queries().size(), 1U);
}

// ---------------------------------------------------------------------- limits

constexpr std::chrono::milliseconds kShort{100};
constexpr std::chrono::seconds kSlack{5};  // proves that it ended, not how fast this machine is

class PhaseLimit : public ProbeTarget {
 protected:
  // The phase under the limit is the one that ends; the rest have theirs too, far off.
  Measurement limited(std::string url, Phase phase) {
    Target asked = target(std::move(url));
    asked.phase_limits.fill(kPlenty);
    asked.phase_limits[static_cast<std::size_t>(phase)] = kShort;
    return probe(asked);
  }
  static void expect_limit(const Measurement& m, Phase phase, Origin origin,
                           std::string_view message) {
    expect_failure(m, phase, origin, Cause::kTimeout);
    EXPECT_EQ(m.failure->message, message);
    ASSERT_TRUE(m.timings.duration(phase));
    EXPECT_GE(*m.timings.duration(phase), kShort - std::chrono::milliseconds{1});
    EXPECT_LT(*m.timings.duration(phase), kShort + kSlack);
  }
};

TEST_F(PhaseLimit, EndsALookup) {
  dns_.silence("a.test");
  expect_limit(limited("http://a.test/", Phase::kDns), Phase::kDns, Origin::kResolver,
               "the resolver did not answer within 0.1 s");
}

TEST_F(PhaseLimit, EndsAConnectionAttempt) {
  const fakes::Socket full = fakes::Socket::bound(SOCK_STREAM);
  ASSERT_EQ(::listen(full.fd(), 0), 0);
  const fakes::Socket in_the_queue = fakes::Socket::connected(full.port());
  expect_limit(limited(fmt::format("http://127.0.0.1:{}/", full.port()), Phase::kConnect),
               Phase::kConnect, Origin::kNetwork, "no connection was made within 0.1 s");
}

TEST_F(PhaseLimit, EndsAHandshake) {
  fakes::ScriptedServer silent([](Connection& connection) { connection.wait_for_end(); });
  expect_limit(limited(fmt::format("https://127.0.0.1:{}/", silent.port()), Phase::kTls),
               Phase::kTls, Origin::kTarget, "the TLS handshake did not finish within 0.1 s");
}

TEST_F(PhaseLimit, EndsTheWait) {
  fakes::WebSite site;
  site.page("/", [](Connection& connection) { connection.wait_for_end(); });
  expect_limit(limited(site.url(), Phase::kWait), Phase::kWait, Origin::kTarget,
               "no first byte came within 0.1 s");
}

TEST_F(PhaseLimit, EndsTheTransfer) {
  fakes::WebSite site;
  site.page("/", [](Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    while (connection.pause(Millis{10}) && connection.send("x")) {
    }
  });
  const Measurement m = limited(site.url(), Phase::kTransfer);
  expect_limit(m, Phase::kTransfer, Origin::kTarget, "the answer did not end within 0.1 s");
  EXPECT_EQ(m.status, 200);
}

TEST_F(PhaseLimit, EndsNoOtherPhase) {
  fakes::WebSite site;
  site.page("/", [](Connection& connection) {
    connection.pause(3 * kShort);
    connection.send(fakes::http_answer("200 OK", "", "ok"));
  });
  dns_.add("a.test", "127.0.0.1");
  for (const Phase phase : {Phase::kDns, Phase::kConnect, Phase::kTls, Phase::kTransfer}) {
    const Measurement m = limited(site.url("/", "a.test"), phase);
    EXPECT_FALSE(m.failure) << to_string(phase) << ": " << m.failure->message;
  }
}

// ---------------------------------------------------------------------- expectations

TEST_F(ProbeTarget, FailsForAnAnswerThatIsNotAsExpected) {
  fakes::WebSite site;
  site.answer("/", fakes::http_answer("503 Busy", "X-Edge: ny1\r\nSet-Cookie: a=b\r\n", ""));
  const auto failing = [&](Expectations expect) {
    Target asked = target(site.url());
    asked.expect = std::move(expect);
    return probe(asked);
  };
  const Measurement status = failing({.status = StatusRange{200, 299}});
  expect_failure(status, std::nullopt, Origin::kTarget, Cause::kUnexpectedStatus);
  EXPECT_EQ(status.status, 503);
  EXPECT_EQ(phases_of(status), "connect wait transfer");
  expect_failure(failing({.headers = {{"x-edge", "ny2"}}}), std::nullopt, Origin::kTarget,
                 Cause::kUnexpectedHeader);
  expect_failure(failing({.headers = {{"set-cookie", "a=b"}}}), std::nullopt, Origin::kTarget,
                 Cause::kUnexpectedHeader);
  expect_failure(failing({.ttfb = Micros{1}}), Phase::kWait, Origin::kTarget, Cause::kTooSlow);
  const Measurement met = failing({.status = StatusRange{503, 503},
                                   .headers = {{"x-edge", "ny1"}, {"set-cookie", std::nullopt}},
                                   .certificate_days = 10'000,
                                   .ttfb = kHung});
  EXPECT_FALSE(met.failure) << met.failure->message;
}

TEST_F(ProbeVersion, FailsForACertificateThatExpiresSoon) {
  Target asked = target(fmt::format("https://good.test:{}/", nginx_.https_port()));
  asked.expect.certificate_days = 31;
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kCertificateExpiring);
  EXPECT_EQ(m.failure->message, "the certificate expires in 29 days, not in 31 or more");
  asked.expect.certificate_days = 29;
  EXPECT_FALSE(probe(asked).failure);
}

// A failure of the probe itself says more than what it left unmet.
TEST_F(ProbeTarget, KeepsItsOwnFailureWhateverIsExpected) {
  const fakes::DeadPort port;
  Target asked = target(fmt::format("http://127.0.0.1:{}/", port.number()));
  asked.expect.status = StatusRange{200, 299};
  expect_failure(probe(asked), Phase::kConnect, Origin::kTarget, Cause::kRefused);
}

}  // namespace
}  // namespace firstbyte::agent
