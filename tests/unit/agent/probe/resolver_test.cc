#include "agent/probe/resolver.h"

#include <gtest/gtest.h>

namespace firstbyte::agent {
namespace {

struct Understood {
  const char* text;
  const char* ip;
  std::uint16_t port;

  // Otherwise the test's name would hold the bytes of its addresses, other ones in each run.
  friend void PrintTo(const Understood& understood, std::ostream* out) { *out << understood.text; }
};

class ResolverText : public testing::TestWithParam<Understood> {};

TEST_P(ResolverText, IsUnderstood) {
  const auto resolver = parse_resolver(GetParam().text);
  ASSERT_TRUE(resolver) << resolver.error().message;
  EXPECT_EQ(resolver->ip, GetParam().ip);
  EXPECT_EQ(resolver->port, GetParam().port);
}

INSTANTIATE_TEST_SUITE_P(Resolver, ResolverText,
                         testing::Values(Understood{"9.9.9.9", "9.9.9.9", 53},
                                         Understood{"127.0.0.1:8053", "127.0.0.1", 8053},
                                         Understood{"127.0.0.1:65535", "127.0.0.1", 65535},
                                         Understood{"2620:fe::fe", "2620:fe::fe", 53},
                                         Understood{"::1", "::1", 53},
                                         Understood{"[2620:fe::fe]", "2620:fe::fe", 53},
                                         Understood{"[2620:fe::fe]:5353", "2620:fe::fe", 5353}));

class BadResolverText : public testing::TestWithParam<const char*> {};

TEST_P(BadResolverText, IsRefusedByTheFlagsName) {
  const auto resolver = parse_resolver(GetParam());
  ASSERT_FALSE(resolver);
  EXPECT_EQ(resolver.error().field, "--resolver");
  EXPECT_EQ(resolver.error().message,
            std::string(GetParam()) + " is not IP or IP:PORT, such as 9.9.9.9 or [2620:fe::fe]:53");
}

INSTANTIATE_TEST_SUITE_P(Resolver, BadResolverText,
                         testing::Values("", "dns.example", "dns.example:53", "9.9.9",
                                         "9.9.9.9:", "9.9.9.9:0", "9.9.9.9:65536", "9.9.9.9:53x",
                                         "9.9.9.9:-1", ":53", "[2620:fe::fe", "[2620:fe::fe]x",
                                         "[2620:fe::fe]:", "[2620:fe::fe]:0", "[9.9.9.9]:53",
                                         "[]:53", "9.9.9.9 "));

TEST(Resolver, IsWrittenAsItIsRead) {
  for (const char* text : {"127.0.0.1:8053", "[2620:fe::fe]:53"}) {
    EXPECT_EQ(parse_resolver(text)->to_string(), text);
  }
}

TEST(Resolver, OfTheSystemHasNoName) { EXPECT_EQ(Resolver{}.to_string(), ""); }

}  // namespace
}  // namespace firstbyte::agent
