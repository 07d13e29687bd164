#include "common/edge.h"

#include <gtest/gtest.h>

namespace firstbyte {
namespace {

using Found = std::optional<Edge>;

TEST(Edge, IsWhatTheOperatorsOwnHeaderSays) {
  EXPECT_EQ(find_edge({{"x-edge-route", "ny1"}}), Found(Edge{"ny1", "x-edge-route"}));
}

TEST(Edge, OfCloudflareStandsBehindTheLastDash) {
  EXPECT_EQ(find_edge({{"cf-ray", "8f2b3c4d5e6f7a8b-FRA"}}), Found(Edge{"FRA", "cf-ray"}));
}

TEST(Edge, OfCloudFrontIsTheWholePop) {
  EXPECT_EQ(find_edge({{"x-amz-cf-pop", "JFK52-P2"}}), Found(Edge{"JFK52-P2", "x-amz-cf-pop"}));
}

TEST(Edge, OfVercelIsTheFirstPart) {
  EXPECT_EQ(find_edge({{"x-vercel-id", "fra1::iad1::abcde-1700000000000-0123456789ab"}}),
            Found(Edge{"fra1", "x-vercel-id"}));
}

TEST(Edge, OfFlyStandsBehindTheLastDash) {
  EXPECT_EQ(find_edge({{"fly-request-id", "01JD3F9Z8Y7X6W5V4T3S2R1Q0P-fra"}}),
            Found(Edge{"fra", "fly-request-id"}));
}

TEST(Edge, OfFastlyIsTheHopThatFacedTheClient) {
  EXPECT_EQ(find_edge({{"x-served-by", "cache-lga21983-LGA, cache-fra-eddf8230030-FRA"}}),
            Found(Edge{"FRA", "x-served-by"}));
  EXPECT_EQ(find_edge({{"x-served-by", "cache-fra-eddf8230030-FRA"}}),
            Found(Edge{"FRA", "x-served-by"}));
}

TEST(Edge, OfCdn77IsTheWholePop) {
  EXPECT_EQ(find_edge({{"x-77-pop", "frankfurtDE"}}), Found(Edge{"frankfurtDE", "x-77-pop"}));
}

TEST(Edge, OfKeyCdnIsTheWholeLocation) {
  EXPECT_EQ(find_edge({{"x-edge-location", "defr"}}), Found(Edge{"defr", "x-edge-location"}));
}

TEST(Edge, IsTheOperatorsWordBeforeAVendors) {
  EXPECT_EQ(find_edge({{"cf-ray", "8f2b-FRA"}, {"x-edge-route", "ny1"}}),
            Found(Edge{"ny1", "x-edge-route"}));
}

TEST(Edge, IsTheFirstOfARepeatedHeader) {
  EXPECT_EQ(find_edge({{"x-edge-route", "ny1"}, {"x-edge-route", "la1"}}),
            Found(Edge{"ny1", "x-edge-route"}));
}

TEST(Edge, IsLookedForFurtherWhenAHeaderNamesNone) {
  EXPECT_EQ(
      find_edge({{"x-edge-route", ""}, {"cf-ray", "8f2b3c4d5e6f7a8b"}, {"x-77-pop", "pragueCZ"}}),
      Found(Edge{"pragueCZ", "x-77-pop"}));
}

TEST(Edge, IsAbsentWithoutAHeaderThatNamesIt) {
  EXPECT_EQ(find_edge({}), std::nullopt);
  EXPECT_EQ(find_edge({{"server", "nginx"}, {"x-cache", "HIT"}}), std::nullopt);
  EXPECT_EQ(find_edge({{"cf-ray", "8f2b3c4d5e6f7a8b-"}}), std::nullopt);
  EXPECT_EQ(find_edge({{"x-vercel-id", "::iad1"}}), std::nullopt);
}

}  // namespace
}  // namespace firstbyte
