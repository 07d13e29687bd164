// The real prober asks as a target says: how, and where.
#include <curl/curl.h>

#include "tests/fakes/web_site.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

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
  get.headers = {{"X-Twice", "1"},
                 {"x-twice", "2;a=\"b\" : c"},
                 {"X-Empty", ""},
                 {"X-Blank", " "},
                 {"User-Agent", "me"}};
  ASSERT_FALSE(probe(get).failure);
  const std::string request = site.requests().front();
  for (const char* line :
       {"X-Twice: 1", "x-twice: 2;a=\"b\" : c", "X-Empty:", "X-Blank:", "User-Agent: me"}) {
    EXPECT_TRUE(has_line(request, line)) << line << " in " << request;
  }
  EXPECT_EQ(request.find("firstbyte-agent"), std::string::npos);
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
                    std::pair{std::string("X\0A", 3), "c"}, std::pair{"", "c"},
                    std::pair{"Host", "inner.example"}, std::pair{"expect", "100-continue"}));

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

TEST_F(ProbeVersion, FailsForAServerWithout2) {
  const Measurement m = probe_with(HttpVersion::k2, "https", nginx_.https1_port());
  expect_failure(m, Phase::kTls, Origin::kTarget, Cause::kProtocol);
  EXPECT_EQ(m.failure->message, "the server does not speak HTTP/2");
}

// Regression: libcurl reads HTTP/2 in one turn of the loop for as long as there is any, and only
// with TLS does the agent see how much: an endless flood held every probe.
TEST_F(ProbeVersion, Is2OverTlsOnly) {
  const Measurement m = probe_with(HttpVersion::k2, "http", nginx_.http_port());
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kUnsupported);
  EXPECT_EQ(m.failure->message, "HTTP/2 is asked over TLS only");
  EXPECT_EQ(phases_of(m), "");
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

}  // namespace
}  // namespace firstbyte::agent
