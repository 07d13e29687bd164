#include "proto/codec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>

#include "tests/unit/proto/codec_examples.h"

namespace firstbyte {
namespace {

TEST(Codec, KeepsAnAgentsIdentity) {
  EXPECT_EQ(through_the_wire(full_identity()), full_identity());
}

TEST(Codec, KeepsAnIdentityWithoutAnAsn) {
  AgentIdentity identity = full_identity();
  identity.asn.reset();
  EXPECT_EQ(through_the_wire(identity), identity);
}

using IdentityBreach = Breach<v1::AgentIdentity>;
class BrokenIdentity : public testing::TestWithParam<IdentityBreach> {};

TEST_P(BrokenIdentity, IsRefusedByTheFieldsName) {
  expect_refused(encode(full_identity()), GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Codec, BrokenIdentity,
    testing::Values(
        IdentityBreach{"IdMissing", [](auto& m) { m.clear_id(); }, "identity.id"},
        IdentityBreach{"IdWithALineEnd", [](auto& m) { m.set_id("fra\n1"); }, "identity.id"},
        IdentityBreach{"CityWithALineEnd", [](auto& m) { m.set_city("Fra\n"); }, "identity.city"},
        IdentityBreach{"IdTooLong", [](auto& m) { m.set_id(std::string(65, 'i')); }, "identity.id"},
        IdentityBreach{"CityMissing", [](auto& m) { m.clear_city(); }, "identity.city"},
        IdentityBreach{"CityTooLong", [](auto& m) { m.set_city(std::string(65, 'c')); },
                       "identity.city"},
        IdentityBreach{"CountryTooLong", [](auto& m) { m.set_country("BRA"); }, "identity.country"},
        IdentityBreach{"RegionTooLong", [](auto& m) { m.set_region(std::string(65, 'r')); },
                       "identity.region"},
        IdentityBreach{"NorthOfThePole", [](auto& m) { m.set_latitude(90.1); },
                       "identity.latitude"},
        IdentityBreach{"LatitudeNotANumber",
                       [](auto& m) { m.set_latitude(std::numeric_limits<double>::quiet_NaN()); },
                       "identity.latitude"},
        IdentityBreach{"BeyondTheDateLine", [](auto& m) { m.set_longitude(-180.1); },
                       "identity.longitude"},
        IdentityBreach{"LongitudeInfinite",
                       [](auto& m) { m.set_longitude(std::numeric_limits<double>::infinity()); },
                       "identity.longitude"}),
    breach_name<v1::AgentIdentity>);

TEST(Codec, KeepsEachPhaseOfProgress) {
  for (const Phase phase : kPhases) EXPECT_EQ(decode(encode(phase)), phase);
}

TEST(Codec, RefusesAProgressWithoutAPhase) {
  const auto phase = decode(v1::PHASE_UNSPECIFIED);
  ASSERT_FALSE(phase);
  EXPECT_EQ(phase.error().field, "phase");
}

// Regression: subtracting one from it overflowed.
TEST(Codec, RefusesTheSmallestNumberAnEnumerationCanHold) {
  EXPECT_FALSE(decode(static_cast<v1::Phase>(std::numeric_limits<std::int32_t>::min())));
}

// The names on both sides say the same, so that no value can have slipped.
TEST(Codec, SpellsEnumerationsAsTheDomainDoes) {
  const auto expect_same = [](const std::string& wire, std::string_view prefix,
                              std::string_view domain) {
    std::string upper(prefix);
    for (const char c : domain)
      upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_EQ(wire, upper);
  };
  for (int i = 0; i <= static_cast<int>(Phase::kTransfer); ++i) {
    expect_same(v1::Phase_Name(i + 1), "PHASE_", to_string(static_cast<Phase>(i)));
  }
  for (int i = 0; i <= static_cast<int>(Origin::kAgent); ++i) {
    expect_same(v1::Origin_Name(i + 1), "ORIGIN_", to_string(static_cast<Origin>(i)));
  }
  for (int i = 0; i <= static_cast<int>(kLastCause); ++i) {
    expect_same(v1::Cause_Name(i + 1), "CAUSE_", to_string(static_cast<Cause>(i)));
  }
  for (const Method method : kMethods) {
    expect_same(v1::Method_Name(static_cast<int>(method) + 1), "METHOD_", to_string(method));
  }
  for (const Family family : kFamilies) {
    expect_same(v1::Family_Name(static_cast<int>(family) + 1), "FAMILY_", to_string(family));
  }
  for (const Reuse reuse : kReuses) {
    expect_same(v1::Reuse_Name(static_cast<int>(reuse) + 1), "REUSE_", to_string(reuse));
  }
  for (const HttpVersion version : kHttpVersions) {
    std::string name(to_string(version));
    std::ranges::replace(name, '.', '_');
    expect_same(v1::HttpVersion_Name(static_cast<int>(version) + 1), "HTTP_VERSION_", name);
  }
  EXPECT_EQ(v1::Method_MAX, static_cast<int>(kMethods.back()) + 1);
  EXPECT_EQ(v1::Family_MAX, static_cast<int>(kFamilies.back()) + 1);
  EXPECT_EQ(v1::Reuse_MAX, static_cast<int>(kReuses.back()) + 1);
  EXPECT_EQ(v1::HttpVersion_MAX, static_cast<int>(kHttpVersions.back()) + 1);
  EXPECT_EQ(v1::Phase_MAX, static_cast<int>(Phase::kTransfer) + 1);
  EXPECT_EQ(v1::Origin_MAX, static_cast<int>(Origin::kAgent) + 1);
  EXPECT_EQ(v1::Cause_MAX, static_cast<int>(kLastCause) + 1);
}

}  // namespace
}  // namespace firstbyte
