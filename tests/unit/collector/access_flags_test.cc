#include "collector/access_flags.h"

#include <gmock/gmock.h>

namespace firstbyte::collector {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

AccessOptions accepted(const AccessFlags& flags, const std::string& grpc = "127.0.0.1:9090") {
  const auto options = understand_access(flags, grpc);
  EXPECT_TRUE(options) << options.error().message;
  return options.value_or(AccessOptions{});
}

std::string refused_flag(const AccessFlags& flags, const std::string& grpc = "127.0.0.1:9090") {
  const auto options = understand_access(flags, grpc);
  EXPECT_FALSE(options);
  return options ? "" : options.error().field;
}

TEST(AccessFlags, UseTlsUnlessToldOtherwise) {
  const AccessOptions options = accepted({});
  EXPECT_FALSE(options.insecure);
  EXPECT_EQ(options.certificate_lifetime, std::chrono::days{90});
}

TEST(AccessFlags, NameTheCollectorByItsAddressAndAsThisMachine) {
  EXPECT_EQ(accepted({}, "192.0.2.1:9090").names.front(), "192.0.2.1");
  EXPECT_EQ(accepted({}, "[2001:db8::1]:9090").names.front(), "2001:db8::1");
  EXPECT_THAT(accepted({}).names, Contains("localhost"));
  EXPECT_THAT(accepted({}, "0.0.0.0:9090").names, Not(Contains("0.0.0.0")));
  EXPECT_THAT(accepted({}, "[::]:9090").names, Not(Contains("::")));
}

TEST(AccessFlags, TakeNamesAndAddresses) {
  AccessFlags flags;
  flags.names = {"collector.example", "192.0.2.1", "2001:db8::1"};
  EXPECT_THAT(accepted(flags).names, ElementsAre("collector.example", "192.0.2.1", "2001:db8::1"));
  for (const char* name :
       {"", "a b", "a,DNS:b", "192.0.2.1:80", "[::1]", "-a", ".a", "a/b", "*.a"}) {
    flags.names = {name};
    EXPECT_EQ(refused_flag(flags), "--grpc-name") << name;
  }
}

TEST(AccessFlags, LeaveTlsOutOnLoopbackOnly) {
  AccessFlags flags;
  flags.insecure = true;
  EXPECT_TRUE(accepted(flags, "127.0.0.1:0").insecure);
  EXPECT_TRUE(accepted(flags, "[::1]:9090").insecure);
  for (const char* grpc : {"0.0.0.0:9090", "192.0.2.1:9090", "[::]:9090", "[2001:db8::1]:1"}) {
    EXPECT_EQ(refused_flag(flags, grpc), "--insecure") << grpc;
  }
}

TEST(AccessFlags, MeanNothingWithoutTls) {
  AccessFlags flags;
  flags.insecure = true;
  AccessFlags named = flags;
  named.names = {"a"};
  EXPECT_EQ(refused_flag(named), "--grpc-name");
  AccessFlags keyed = flags;
  keyed.key = "a";
  EXPECT_EQ(refused_flag(keyed), "--grpc-key");
}

TEST(AccessFlags, TakeTheOperatorsCertificateWholeOrNotAtAll) {
  AccessFlags flags;
  flags.certificate = "a";
  EXPECT_EQ(refused_flag(flags), "--grpc-key");
  flags.key = "b";
  EXPECT_EQ(refused_flag(flags), "--grpc-ca");
  flags.ca = "c";
  EXPECT_EQ(accepted(flags).ca_file, "c");
}

TEST(AccessFlags, TakeALifetime) {
  AccessFlags flags;
  flags.lifetime = "10m";
  EXPECT_EQ(accepted(flags).certificate_lifetime, std::chrono::minutes{10});
  flags.lifetime = "soon";
  EXPECT_EQ(refused_flag(flags), "--certificate-lifetime");
}

}  // namespace
}  // namespace firstbyte::collector
