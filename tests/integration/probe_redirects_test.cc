// The real prober follows redirects of real servers, as far as it may.
#include <gmock/gmock.h>

#include "tests/fakes/web_site.h"
#include "tests/integration/prober_fixture.h"

namespace firstbyte::agent {
namespace {

using testing::ElementsAre;

class ProbeRedirects : public ProberFixture {
 protected:
  static Target target(std::string url, int max_redirects = kMaxRedirects) {
    return {.url = std::move(url), .max_redirects = max_redirects, .timeout = kPlenty};
  }
  Measurement follow(std::string url, int max_redirects = kMaxRedirects) {
    return probe(target(std::move(url), max_redirects));
  }
  void allow_only(std::string_view address) { set_policy(allowing({std::string(address)})); }

  // What becomes of a redirect to there.
  Measurement redirected_to(const std::string& location) {
    site_.redirect("/", location);
    return follow(site_.url());
  }
  void expect_bad(const std::string& location) {
    const Measurement m = redirected_to(location);
    expect_failure(m, std::nullopt, Origin::kTarget, Cause::kBadRedirect);
    // It is the redirect itself that is the last exchange.
    EXPECT_EQ(m.status, 302) << location;
    EXPECT_TRUE(header(m, "location"));
    EXPECT_EQ(m.url, site_.url());
    EXPECT_TRUE(m.redirects.empty());
  }

  fakes::WebSite site_;
};

TEST_F(ProbeRedirects, AreTheAnswerWhereNoneIsToBeFollowed) {
  site_.redirect("/", "/b");
  const Measurement m = follow(site_.url(), 0);
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(m.status, 302);
  EXPECT_THAT(site_.asked(), ElementsAre("GET / HTTP/1.1"));
}

TEST_F(ProbeRedirects, AreKeptInTheirOrderWithTimingsOfTheirOwn) {
  constexpr Millis kDelay{60};
  site_.page("/", [=](const auto& connection) {
    connection.pause(kDelay);
    connection.send(fakes::http_answer("301 Moved", "Location: /b?c\r\nX-Hop: 1\r\n", "moved"));
  });
  site_.redirect("/b?c", site_.url("/d", "a.test"), 308);
  dns_.add("a.test", "127.0.0.1");
  const WallTime before = system_clock().wall();
  const Measurement m = follow(site_.url());
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.url, site_.url("/d", "a.test"));
  EXPECT_EQ(phases_of(m), "dns connect wait transfer");
  ASSERT_EQ(m.redirects.size(), 2U);
  EXPECT_EQ(m.redirects[0].url, site_.url());
  EXPECT_EQ(m.redirects[0].status, 301);
  EXPECT_EQ(header(m.redirects[0], "x-hop"), "1");
  EXPECT_EQ(m.redirects[1].url, site_.url("/b?c"));
  EXPECT_EQ(m.redirects[1].status, 308);
  // Each counts from its own start, and starts after the one before was over.
  EXPECT_GE(m.redirects[0].timings.ttfb(), kDelay);
  WallTime over = before;
  for (const Measurement* hop : {&m.redirects[0], &m.redirects[1], &m}) {
    EXPECT_EQ(hop->test_id, "test");
    EXPECT_GE(hop->measured_at, over);
    over = hop->measured_at + hop->timings.total();
    EXPECT_NE(hop->local, std::nullopt);
  }
  EXPECT_EQ(phases_of(m.redirects[1]), "connect wait transfer");
  EXPECT_THAT(site_.asked(), ElementsAre("GET / HTTP/1.1", "GET /b?c HTTP/1.1", "GET /d HTTP/1.1"));
}

TEST_F(ProbeRedirects, AreNoneWithoutALocation) {
  site_.answer("/", fakes::http_answer("302 Found", "", ""));
  const Measurement m = follow(site_.url());
  EXPECT_FALSE(m.failure);
  EXPECT_EQ(m.status, 302);
}

// Regression: libcurl tells where a redirect leads only when its body ends.
TEST_F(ProbeRedirects, AreFollowedWhateverTheLengthOfTheirBodies) {
  site_.answer("/a/",
               fakes::http_answer("302 Found", "Location: ../b?c\r\n", std::string(100'000, 'x')));
  const Measurement m = follow(site_.url("/a/"), 3);
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.status, 200);
  EXPECT_EQ(m.url, site_.url("/b?c"));
  ASSERT_EQ(m.redirects.size(), 1U);
  EXPECT_TRUE(m.redirects[0].body_truncated);
}

TEST_F(ProbeRedirects, AreNoneWithAnotherStatus) {
  for (const char* status : {"300 Choices", "304 Not Modified", "201 Created"}) {
    site_.answer("/", fakes::http_answer(status, "Location: /b\r\n", ""));
    const Measurement m = follow(site_.url());
    EXPECT_FALSE(m.failure) << status;
    EXPECT_TRUE(m.redirects.empty()) << status;
  }
}

TEST_F(ProbeRedirects, MakeAGetOfAPostOrKeepItByTheirStatus) {
  site_.redirect("/303", "/see", 303);
  site_.redirect("/307", "/again", 307);
  Target post = target(site_.url("/303"));
  post.method = Method::kPost;
  post.headers = {{"Content-Type", "text/plain"}};
  post.body = "x=y";
  EXPECT_EQ(probe(post).status, 200);
  post.url = site_.url("/307");
  EXPECT_EQ(probe(post).status, 200);
  EXPECT_THAT(site_.asked(), ElementsAre("POST /303 HTTP/1.1", "GET /see HTTP/1.1",
                                         "POST /307 HTTP/1.1", "POST /again HTTP/1.1"));
  const auto requests = site_.requests();
  EXPECT_EQ(requests[1].find("Content-"), std::string::npos);
  EXPECT_TRUE(requests[1].ends_with("\r\n\r\n"));
  EXPECT_TRUE(requests[3].ends_with("\r\n\r\nx=y"));
}

TEST_F(ProbeRedirects, TellSecretsToTheirOriginOnly) {
  const fakes::WebSite other;
  site_.redirect("/", "/same");
  site_.redirect("/same", other.url());
  Target asked = target(site_.url());
  asked.headers = {{"Authorization", "Basic c2VjcmV0"}, {"Cookie", "a=secret"}, {"X-Kept", "1"}};
  EXPECT_EQ(probe(asked).status, 200);
  EXPECT_NE(site_.requests().at(1).find("c2VjcmV0"), std::string::npos);
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(other.requests()[0].find("ecret"), std::string::npos);
  EXPECT_EQ(other.requests()[0].find("c2VjcmV0"), std::string::npos);
  EXPECT_NE(other.requests()[0].find("X-Kept: 1"), std::string::npos);
}

TEST_F(ProbeRedirects, InALoopEndAtTheirBound) {
  site_.redirect("/", "/");
  const Measurement m = follow(site_.url(), 3);
  expect_failure(m, std::nullopt, Origin::kTarget, Cause::kTooManyRedirects);
  EXPECT_EQ(m.failure->message, "the server redirects more than 3 times");
  EXPECT_EQ(m.status, 302);
  EXPECT_EQ(m.redirects.size(), 3U);
  EXPECT_EQ(site_.requests().size(), 4U);
}

TEST_F(ProbeRedirects, MayBeAsManyAsAreToBeFollowed) {
  site_.redirect("/", "/1");
  site_.redirect("/1", "/2");
  EXPECT_EQ(follow(site_.url(), 2).status, 200);
  const Measurement m = follow(site_.url(), 1);
  expect_failure(m, std::nullopt, Origin::kTarget, Cause::kTooManyRedirects);
  EXPECT_EQ(m.failure->message, "the server redirects more than once");
}

TEST_F(ProbeRedirects, ToAnotherSchemeAreNotFollowed) {
  for (const char* location : {"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:25/_x",
                               "javascript:alert(1)", "data:text/plain,a", "unix:/run/x.sock"}) {
    expect_bad(location);
  }
}

TEST_F(ProbeRedirects, WithCredentialsAreNotFollowed) {
  expect_bad("http://user:secret@127.0.0.1:" + std::to_string(site_.port()) + "/");
  // What the result says, it says in the header as it came, and nowhere else.
  EXPECT_EQ(follow(site_.url()).failure->message.find("secret"), std::string::npos);
}

TEST_F(ProbeRedirects, ToWhatIsNoUrlAreNotFollowed) {
  for (const char* location : {"http://", "http://[::1", "http://a b/", "http://127.0.0.1:99999/",
                               "http://bücher.example/"}) {
    expect_bad(location);
  }
  expect_bad("/" + std::string(kMaxUrlLength, 'x'));
}

TEST_F(ProbeRedirects, MayHoldWhatBrowsersEncode) {
  redirected_to("/a b?q=\xc3\xa9|[1]");
  EXPECT_THAT(site_.asked(),
              ElementsAre("GET / HTTP/1.1", "GET /a%20b?q=%c3%a9%7C%5B1%5D HTTP/1.1"));
}

TEST_F(ProbeRedirects, ToAnAddressThatTheAgentMayNotProbeAreNotFollowed) {
  allow_only("127.0.0.1");
  const Measurement m = redirected_to(fmt::format("http://127.0.0.2:{}/metadata", site_.port()));
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  EXPECT_EQ(m.status, std::nullopt);
  EXPECT_EQ(m.url, fmt::format("http://127.0.0.2:{}/metadata", site_.port()));
  EXPECT_EQ(phases_of(m), "");
  ASSERT_EQ(m.redirects.size(), 1U);
  EXPECT_EQ(m.redirects[0].status, 302);
  EXPECT_EQ(site_.connections(), 1U);
}

TEST_F(ProbeRedirects, ToAPortThatTheAgentMayNotProbeAreNotFollowed) {
  AddressPolicy::Ports ports;
  ports.add(site_.port());
  set_policy(AddressPolicy({parse_network("127.0.0.1").value()}, ports));
  const Measurement m = redirected_to("http://127.0.0.1:25/");
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kPortNotAllowed);
  EXPECT_EQ(m.redirects.size(), 1U);
}

// A name that is made to lead to an allowed address first and elsewhere later (DNS rebinding).
TEST_F(ProbeRedirects, ToANameThatLeadsElsewhereByNowAreNotFollowed) {
  allow_only("127.0.0.1");
  int asked = 0;
  dns_.script("rebinding.test", 0, [&](fakes::DnsPacket& packet, const auto& query) {
    if (query.type == fakes::kDnsA) {
      packet.address("rebinding.test", ++asked == 1 ? "127.0.0.1" : "127.0.0.2", 0);
    }
  });
  site_.redirect("/", "/again");
  const Measurement m = follow(site_.url("/", "rebinding.test"));
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kAddressNotAllowed);
  EXPECT_EQ(phases_of(m), "dns");
  ASSERT_EQ(m.redirects.size(), 1U);
  EXPECT_EQ(m.redirects[0].remote->ip, "127.0.0.1");
  EXPECT_EQ(site_.connections(), 1U);
}

TEST_F(ProbeRedirects, FailAsAnyExchangeDoes) {
  const Measurement m = redirected_to("http://nowhere.test/");
  expect_failure(m, Phase::kDns, Origin::kResolver, Cause::kNxdomain);
  EXPECT_EQ(m.redirects.size(), 1U);
}

TEST_F(ProbeRedirects, StayWhereTheProbeIsPinnedOnItsOwnHostAndPortOnly) {
  dns_.add("elsewhere.test", "127.0.0.1");
  site_.redirect("/", "http://pinned.test/same");
  site_.redirect("/same", site_.url("/other", "elsewhere.test"));
  Target pinned = target("http://pinned.test/");
  pinned.connect_to = Endpoint{"127.0.0.1", site_.port()};
  const Measurement m = probe(pinned);
  ASSERT_FALSE(m.failure) << m.failure->message;
  ASSERT_EQ(m.redirects.size(), 2U);
  EXPECT_EQ(phases_of(m.redirects[1]), "connect wait transfer");
  EXPECT_EQ(m.redirects[1].remote, pinned.connect_to);
  EXPECT_EQ(phases_of(m), "dns connect wait transfer");
  ASSERT_EQ(dns_.queries().size(), 1U);
  EXPECT_EQ(dns_.queries()[0].name, "elsewhere.test");
}

TEST_F(ProbeRedirects, FromHttpToHttpsAreFollowedAndSeen) {
  const fakes::NginxServer nginx;
  trust(nginx.ca_file());
  dns_.add("good.test", "127.0.0.1");
  const std::string secure = fmt::format("https://good.test:{}/moved", nginx.https_port());
  site_.redirect("/", secure);
  const Measurement m = follow(site_.url());
  ASSERT_FALSE(m.failure) << m.failure->message;
  ASSERT_EQ(m.redirects.size(), 2U);
  EXPECT_EQ(m.redirects[0].tls, std::nullopt);
  EXPECT_EQ(m.redirects[1].url, secure);
  EXPECT_TRUE(m.redirects[1].tls);
  EXPECT_EQ(m.http_version, "2");
}

// ------------------------------------------------------------------------------- limits and ends

TEST_F(ProbeRedirects, FromHttpsToHttpAreFollowedAndSeen) {
  const fakes::NginxServer nginx;
  trust(nginx.ca_file());
  dns_.add("good.test", "127.0.0.1");
  const Measurement m = follow(fmt::format("https://good.test:{}/insecure", nginx.https_port()));
  ASSERT_FALSE(m.failure) << m.failure->message;
  ASSERT_EQ(m.redirects.size(), 1U);
  EXPECT_TRUE(m.redirects[0].tls);
  EXPECT_EQ(m.url, fmt::format("http://good.test:{}/", nginx.http_port()));
  EXPECT_EQ(m.tls, std::nullopt);
  EXPECT_EQ(phases_of(m), "dns connect wait transfer");
}

TEST_F(ProbeRedirects, EndByTheDeadlineOfTheProbe) {
  site_.page("/", [](auto& connection) {
    connection.pause(Millis{50});
    connection.send(fakes::http_answer("302 Found", "Location: /\r\n", ""));
  });
  Target asked = target(site_.url());
  asked.timeout = kShort;
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(m.failure->message, "no first byte came before the probe's 0.15 s were over");
  EXPECT_FALSE(m.redirects.empty());
  // Its own part of the time, not the probe's.
  EXPECT_LT(m.timings.total(), kShort);
}

TEST_F(ProbeRedirects, AreUnderTheLimitsOfThePhasesEach) {
  site_.page("/slow", [](auto& connection) { connection.wait_for_end(); });
  site_.redirect("/", "/slow");
  Target asked = target(site_.url());
  asked.phase_limits[static_cast<std::size_t>(Phase::kWait)] = Millis{100};
  const Measurement m = probe(asked);
  expect_failure(m, Phase::kWait, Origin::kTarget, Cause::kTimeout);
  EXPECT_EQ(m.failure->message, "no first byte came within 0.1 s");
  EXPECT_EQ(m.redirects.size(), 1U);
}

TEST_F(ProbeRedirects, EndWhenTheProbeIsCancelled) {
  site_.page("/hang", [](auto& connection) { connection.wait_for_end(); });
  dns_.silence("silent.test");
  site_.redirect("/", "http://silent.test/");
  start({.test_id = "cancelled", .target = target(site_.url())});
  while (dns_.queries().empty()) std::this_thread::yield();
  cancel("cancelled");
  const Measurement m = next();
  expect_failure(m, std::nullopt, Origin::kAgent, Cause::kCancelled);
  EXPECT_EQ(phases_of(m), "dns");
  EXPECT_EQ(m.redirects.size(), 1U);
}

TEST_F(ProbeRedirects, AreExpectedOnlyToEndAsExpected) {
  site_.redirect("/", "/b");
  site_.answer("/b", fakes::http_answer("200 OK", "X-Edge: ny1\r\n", ""));
  Target asked = target(site_.url());
  asked.expect = {.status = StatusRange{200, 200}, .headers = {{"x-edge", std::nullopt}}};
  EXPECT_FALSE(probe(asked).failure);
}

// What the collector takes is bounded, whatever servers send.
TEST_F(ProbeRedirects, TellNoMoreHeadersThanTheCollectorTakes) {
  const std::string big = "X-Big: " + std::string(30'000, 'x') + "\r\n";
  for (int i = 0; i < kMaxRedirects; ++i) {
    const std::string path = i == 0 ? "/" : fmt::format("/{}", i);
    site_.answer(
        path, fakes::http_answer("302 Found", fmt::format("{}Location: /{}\r\n", big, i + 1), ""));
  }
  site_.answer(fmt::format("/{}", kMaxRedirects), fakes::http_answer("200 OK", big, ""));
  const Measurement m = follow(site_.url());  // decoded as the collector does
  ASSERT_FALSE(m.failure) << m.failure->message;
  EXPECT_EQ(m.redirects.size(), static_cast<std::size_t>(kMaxRedirects));
  EXPECT_TRUE(header(m, "x-big"));
  EXPECT_TRUE(header(m.redirects.front(), "x-big"));
  EXPECT_TRUE(m.redirects.back().headers.empty());
  EXPECT_TRUE(m.redirects.back().headers_truncated);
}

// A city's steps only go forward.
TEST_F(ProbeRedirects, TellOfEachPhaseOnce) {
  dns_.add("a.test", "127.0.0.1");
  site_.redirect("/", site_.url("/b", "a.test"));
  EXPECT_FALSE(follow(site_.url()).failure);
  std::vector<Phase> told;
  Micros last{};
  for (const Step& step : steps()) {
    told.push_back(step.phase);
    EXPECT_GE(step.elapsed, last);
    last = step.elapsed;
  }
  EXPECT_THAT(told, ElementsAre(Phase::kConnect, Phase::kWait, Phase::kTransfer));
}

}  // namespace
}  // namespace firstbyte::agent
