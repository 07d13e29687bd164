#include "common/target_url.h"

#include <gtest/gtest.h>

#include <ostream>
#include <random>
#include <string>

namespace firstbyte {
namespace {

std::string refusal(std::string_view url) {
  const auto parsed = parse_target_url(url);
  if (parsed) return "accepted as " + parsed->text;
  EXPECT_EQ(parsed.error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(parsed.error().field, "/url");
  return parsed.error().message;
}

constexpr const char* kNotValid =
    "this is not a valid URL; it should look like https://example.com/";
constexpr const char* kNoScheme = "the URL must begin with http:// or https://";
constexpr const char* kCredentials = "the URL must not carry a user name or password";
constexpr const char* kNoHost = "the URL has no host";
constexpr const char* kOddHost = "the host name may only hold letters, digits, '-', '_' and '.'";
constexpr const char* kPunycode =
    "a host name that is not ASCII must be given in punycode, like xn--mnchen-3ya.example";
constexpr const char* kWhiteSpace = "there is white space before or after the URL";
constexpr const char* kNoAddress =
    "the host ends in a number, and is no IPv4 address like 192.0.2.1";
constexpr const char* kBadPort = "the port must be between 1 and 65535";

TEST(TargetUrl, HasItsParts) {
  const auto url = parse_target_url("https://example.com:8443/a/b?c=d");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_FALSE(url->host_is_address);
  EXPECT_EQ(url->text, "https://example.com:8443/a/b?c=d");
}

TEST(TargetUrl, OfHttpHasNoTlsAndPort80) {
  const auto url = parse_target_url("http://example.com/");
  EXPECT_FALSE(url->tls);
  EXPECT_EQ(url->port, 80);
}

TEST(TargetUrl, OfHttpsHasPort443) {
  EXPECT_EQ(parse_target_url("https://example.com/")->port, 443);
}

TEST(TargetUrl, WithAnEmptyPortHasTheDefaultOne) {
  EXPECT_EQ(parse_target_url("https://example.com:/")->port, 443);
}

TEST(TargetUrl, MayNameAnyPort) {
  EXPECT_EQ(parse_target_url("http://example.com:1/")->port, 1);
  EXPECT_EQ(parse_target_url("http://example.com:65535/")->port, 65535);
}

// Regression: the missing path became "/./".
TEST(TargetUrl, AlwaysHasAPath) {
  EXPECT_EQ(parse_target_url("https://example.com")->text, "https://example.com/");
  EXPECT_EQ(parse_target_url("https://example.com?a=b")->text, "https://example.com/?a=b");
}

TEST(TargetUrl, LosesItsFragment) {
  EXPECT_EQ(parse_target_url("https://example.com/a#b")->text, "https://example.com/a");
}

TEST(TargetUrl, IsWrittenInLowerCaseWhereCaseMeansNothing) {
  const auto url = parse_target_url("HTTPS://EXAMPLE.com/Path?Query");
  EXPECT_EQ(url->text, "https://example.com/Path?Query");
  EXPECT_EQ(url->host, "example.com");
}

TEST(TargetUrl, LosesDotSegments) {
  EXPECT_EQ(parse_target_url("https://example.com/a/../b/./c")->text, "https://example.com/b/c");
}

// Regression: %26 became &, so that another question was asked than the one typed.
TEST(TargetUrl, LeavesWhatIsEncodedAsItIs) {
  for (const char* url : {"https://example.com/a%2Fb%2f..%2Fc", "https://example.com/?a=%26b%3D%2B",
                          "https://example.com/%41%3f?q=%41#x"}) {
    const std::string_view whole(url);
    EXPECT_EQ(parse_target_url(url)->text, whole.substr(0, whole.find('#')));
  }
}

TEST(TargetUrl, MayBeAnIpv4Address) {
  const auto url = parse_target_url("http://192.0.2.7:8080/");
  EXPECT_TRUE(url->host_is_address);
  EXPECT_EQ(url->host, "192.0.2.7");
}

TEST(TargetUrl, MayBeAnIpv6AddressWhichLosesItsBrackets) {
  const auto url = parse_target_url("https://[2001:DB8::1]:8443/");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->host_is_address);
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->port, 8443);
}

// To us they would be names, to libcurl 127.0.0.1.
TEST(TargetUrl, HasNoHostThatOthersReadAsAnAddress) {
  for (const char* url :
       {"http://0x7f000001/", "http://0X7F.1/", "http://2130706433/", "http://127.1/",
        "http://0177.0.0.1/", "http://127.1./", "http://example.1/", "http://a.0x/"}) {
    EXPECT_EQ(refusal(url), kNoAddress) << url;
  }
  EXPECT_TRUE(parse_target_url("http://1.example0/"));
  EXPECT_TRUE(parse_target_url("http://1.0xyz/"));
}

TEST(TargetUrl, MayBeAnInternationalNameInPunycode) {
  EXPECT_EQ(parse_target_url("https://xn--mnchen-3ya.example/")->host, "xn--mnchen-3ya.example");
}

TEST(TargetUrl, MayHoldAnAtSignInItsPath) {
  EXPECT_EQ(parse_target_url("https://example.com/@b")->host, "example.com");
}

TEST(TargetUrl, IsMissingWhenEmpty) { EXPECT_EQ(refusal(""), "the URL is missing"); }

TEST(TargetUrl, MayHave2048Characters) {
  const std::string start = "https://example.com/";
  EXPECT_TRUE(parse_target_url(start + std::string(kMaxUrlLength - start.size(), 'a')));
}

TEST(TargetUrl, MayNotHave2049Characters) {
  const std::string start = "https://example.com/";
  EXPECT_EQ(refusal(start + std::string(kMaxUrlLength + 1 - start.size(), 'a')),
            "the URL has 2049 characters, more than 2048");
}

// Regression: the collector sent the longer form to its agents, which refused the order.
TEST(TargetUrl, MayNotGrowBeyond2048CharactersByItsMissingPath) {
  const std::string start = "https://example.com?";
  EXPECT_EQ(refusal(start + std::string(kMaxUrlLength - start.size(), 'a')),
            "the URL has 2049 characters, more than 2048");
}

TEST(TargetUrl, MayHaveAHostNameOf253Characters) {
  std::string host = std::string(63, 'a') + "." + std::string(63, 'b') + "." +
                     std::string(63, 'c') + "." + std::string(61, 'd');
  ASSERT_EQ(host.size(), 253U);
  EXPECT_TRUE(parse_target_url("https://" + host + "/"));
  EXPECT_TRUE(parse_target_url("https://" + host + "./"));
}

// Regression: no DNS query can ask for it, and the agents' own sentence about that was longer than
// the protocol allows.
TEST(TargetUrl, MayNotHaveAHostNameThatDnsCannotAskFor) {
  constexpr const char* kTooLong = "the host name is longer than DNS allows";
  std::string host;
  while (host.size() < 256) host += "a.";
  EXPECT_EQ(refusal("https://" + host + "/"), kTooLong);
  EXPECT_EQ(refusal("https://" + std::string(64, 'a') + ".example/"), kTooLong);
  EXPECT_EQ(refusal("https://" + std::string(2000, 'a') + "/"), kTooLong);
}

TEST(TargetUrl, MayNotHaveAnEmptyPartInItsHostName) {
  constexpr const char* kEmptyPart = "the host name has an empty part";
  EXPECT_EQ(refusal("https://example..com/"), kEmptyPart);
  EXPECT_EQ(refusal("https://.example.com/"), kEmptyPart);
  EXPECT_EQ(refusal("https://./"), kEmptyPart);
}

TEST(TargetUrl, NamesTheSchemeThatItRefuses) {
  EXPECT_EQ(refusal("ftp://example.com/"), "the scheme must be http or https, not ftp");
  EXPECT_EQ(refusal("file:///etc/passwd"), "the scheme must be http or https, not file");
}

// Regression: the host was taken for the scheme ("must be http or https, not www.example.com").
TEST(TargetUrl, MustBeginWithASchemeEvenWhereAPortLooksLikeWhatFollowsOne) {
  EXPECT_EQ(refusal("www.example.com:8443"), kNoScheme);
  EXPECT_EQ(refusal("localhost:8080/a"), kNoScheme);
}

// Regression: Boost.URL reads 99999 as 34463, so the test was accepted, and each city showed
// libcurl's "URL using bad/illegal format or missing URL".
TEST(TargetUrl, MayNotHaveAPortThatIsOnlyInRangeOnceItWrapsAround) {
  for (const char* port : {"65537", "70000", "99999", "131072", "4294967376"}) {
    EXPECT_EQ(refusal(std::string("https://www.example.com:") + port + "/"), kBadPort) << port;
  }
}

// Regression: all of these were "not a valid URL", and nobody could tell why.
TEST(TargetUrl, SaysWhichCharacterOfThePathMustBeEncoded) {
  EXPECT_EQ(refusal("https://example.com/straße"),
            "the path holds 'ß', which must be percent-encoded as %C3%9F");
}

TEST(TargetUrl, NamesASpaceInWords) {
  EXPECT_EQ(refusal("https://example.com/a b?c d"),
            "the path holds a space, which must be percent-encoded as %20");
}

TEST(TargetUrl, SaysWhichCharacterOfTheQueryMustBeEncoded) {
  EXPECT_EQ(refusal("https://example.com/?a={b}#c d"),
            "the query holds '{', which must be percent-encoded as %7B");
}

TEST(TargetUrl, SaysWhichCharacterOfTheFragmentMustBeEncoded) {
  EXPECT_EQ(refusal("https://example.com/#東?"),
            "the fragment holds '東', which must be percent-encoded as %E6%9D%B1");
}

TEST(TargetUrl, NamesTheHostFirstWhereThatIsNotAsciiEither) {
  EXPECT_EQ(refusal("https://münchen.example/straße"), kPunycode);
}

TEST(TargetUrl, RefusesALongSchemeInAShortSentence) {
  EXPECT_LT(refusal(std::string(2000, 'a') + "://example.com/").size(), 200U);
}

// Regression: "http" was taken for a part of the path.
TEST(TargetUrl, MayNotHaveAWordForAPort) {
  EXPECT_EQ(refusal("http://example.com:http/"), kNotValid);
}

// What one parser takes for the host, another takes for something else.
struct BadUrl {
  const char* name;
  std::string url;
  const char* message;
  friend void PrintTo(const BadUrl& bad, std::ostream* out) { *out << bad.url; }
};

class BadTargetUrl : public testing::TestWithParam<BadUrl> {};

TEST_P(BadTargetUrl, IsRefused) { EXPECT_EQ(refusal(GetParam().url), GetParam().message); }

INSTANTIATE_TEST_SUITE_P(
    TargetUrl, BadTargetUrl,
    testing::Values(BadUrl{"NoScheme", "example.com", kNoScheme},
                    BadUrl{"SchemeRelative", "//example.com/", kNoScheme},
                    BadUrl{"PathOnly", "/index.html", kNoScheme},
                    BadUrl{"Words", "not a url", kNoScheme}, BadUrl{"NoHost", "http://", kNoHost},
                    BadUrl{"NoHostButPath", "https:///path", kNoHost},
                    BadUrl{"NoHostButPort", "http://:80/", kNoHost},
                    BadUrl{"NoAuthority", "http:example.com", kNoScheme},
                    BadUrl{"OneSlash", "http:/example.com", kNoScheme},
                    BadUrl{"User", "http://user@example.com/", kCredentials},
                    BadUrl{"Password", "http://user:secret@example.com/", kCredentials},
                    BadUrl{"EmptyUser", "http://@example.com/", kCredentials},
                    BadUrl{"HostAsUser", "http://good.example@evil.example/", kCredentials},
                    BadUrl{"Backslash", R"(http://a\@b)", kNotValid},
                    BadUrl{"BackslashPath", R"(http://good.example\@evil.example/)", kNotValid},
                    BadUrl{"BackslashSlashes", R"(http:\\example.com\)", kNoScheme},
                    BadUrl{"EscapeInHost", "http://ex%61mple.com/", kOddHost},
                    BadUrl{"EscapedDotInHost", "http://127%2e0.0.1/", kOddHost},
                    BadUrl{"EscapedNulInHost", "http://example.com%00.evil.example/", kOddHost},
                    BadUrl{"SubDelimiterInHost", "http://a,b.example/", kOddHost},
                    BadUrl{"BrokenEscape", "http://example.com/%zz", kNotValid},
                    BadUrl{"PortZero", "http://example.com:0/", kBadPort},
                    BadUrl{"PortTooLarge", "http://example.com:65536/", kBadPort},
                    BadUrl{"PortHuge", "http://example.com:99999999999999999999/", kBadPort},
                    BadUrl{"PortWraps", "http://example.com:65616/", kBadPort},
                    BadUrl{"PortNegative", "http://example.com:-1/", kNotValid},
                    BadUrl{"Ipv6Broken", "http://[2001:db8::1/", kNotValid},
                    BadUrl{"Ipv6Bare", "http://2001:db8::1/", kNotValid},
                    BadUrl{"Ipv6Words", "http://[nonsense]/", kNotValid},
                    BadUrl{"Ipv6Zone", "http://[fe80::1%25eth0]/", kNotValid},
                    BadUrl{"IpOfTheFuture", "http://[v7.abc]/",
                           "the host is an address of an unknown kind"},
                    BadUrl{"International", "https://münchen.example/", kPunycode},
                    BadUrl{"InternationalNoScheme", "münchen.example:8443/", kNoScheme},
                    BadUrl{"AddressNoScheme", "192.0.2.1:8443", kNoScheme},
                    BadUrl{"Script", "javascript:alert(1)", kNoScheme},
                    BadUrl{"SchemeInQuery", "example.com/?a=http://b", kNoScheme},
                    BadUrl{"SpaceInHost", "http://exa mple.com/", kOddHost},
                    BadUrl{"SpaceBefore", " http://example.com/", kWhiteSpace},
                    BadUrl{"SpaceAfter", "http://example.com/ ", kWhiteSpace},
                    BadUrl{"LineBreak", "http://example.com/\r\nHost: evil.example", kNotValid},
                    BadUrl{"Tab", "http://exam\tple.com/", kOddHost},
                    BadUrl{"Nul", std::string("http://example.com/\0x", 21), kNotValid},
                    BadUrl{"Delete", "http://example.com/\x7f", kNotValid},
                    BadUrl{"NotUtf8", "http://example.com/\xff\xfe", kNotValid}),
    [](const auto& tested) { return tested.param.name; });

// The collector stores and sends the normalised text; the agent parses it once more.
TEST(TargetUrl, ParsesTheSameFromItsOwnText) {
  std::mt19937 random(3);
  constexpr std::string_view kAlphabet = "ab./:?#[]@%2eE0-_~!$&'()*+,;=\\ ";
  int accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text = random() % 2 == 0 ? "http://a" : "https://";
    for (auto left = random() % 24; left > 0; --left)
      text += kAlphabet[random() % kAlphabet.size()];
    const auto first = parse_target_url(text);
    if (!first) continue;
    ++accepted;
    const auto second = parse_target_url(first->text);
    ASSERT_TRUE(second) << text << " became " << first->text;
    ASSERT_EQ(second->text, first->text) << text;
    ASSERT_EQ(second->host, first->host) << text;
    ASSERT_EQ(second->port, first->port) << text;
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace firstbyte
