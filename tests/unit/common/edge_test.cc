#include "common/edge.h"

#include <gmock/gmock.h>

#include <set>

namespace firstbyte {
namespace {

using testing::IsEmpty;

std::optional<Edge> found(const Headers& headers) { return builtin_edges().find(headers); }

// Who answered, by which rule; where it stands is looked at elsewhere.
std::string name_in(const Headers& headers) {
  const auto edge = found(headers);
  return edge ? edge->name + " by " + edge->rule : "";
}
std::string name_in(std::string_view header, std::string value) {
  return name_in({{std::string(header), std::move(value)}});
}

std::string city_of(std::string_view header, std::string value) {
  const auto edge = found({{std::string(header), std::move(value)}});
  return edge && edge->location ? edge->location->city : "";
}

EdgeRule rule(std::string_view header, std::string_view take, bool airport = false) {
  EdgeRule rule = edge_rule(header, take);
  rule.airport = airport;
  return rule;
}

// ---- what vendors send

TEST(Edge, IsWhatTheOperatorsOwnHeaderSays) {
  EXPECT_EQ(found({{"x-edge-route", "ny1"}}),
            (Edge{"ny1", "x-edge-route", "x-edge-route: whole", {}}));
}

TEST(Edge, OfCloudflareStandsBehindTheLastDash) {
  EXPECT_EQ(name_in("cf-ray", "8f2b3c4d5e6f7a8b-FRA"), "FRA by cf-ray: after_last_dash");
}

TEST(Edge, OfCloudFrontIsTheWholePop) {
  EXPECT_EQ(name_in("x-amz-cf-pop", "JFK52-P2"), "JFK52-P2 by x-amz-cf-pop: whole");
}

TEST(Edge, OfVercelIsTheFirstPart) {
  for (const char* value :
       {"fra1::iad1::abcde-1700000000000-0123456789ab", "fra1::abcde-1700000000000-0123456789ab"}) {
    EXPECT_EQ(name_in("x-vercel-id", value), "fra1 by x-vercel-id: before_double_colon");
  }
}

TEST(Edge, OfFlyStandsBehindTheLastDash) {
  EXPECT_EQ(name_in("fly-request-id", "01JD3F9Z8Y7X6W5V4T3S2R1Q0P-fra"),
            "fra by fly-request-id: after_last_dash");
}

TEST(Edge, OfFastlyIsTheHopThatFacedTheClient) {
  for (const char* value :
       {"cache-lga21983-LGA, cache-fra-eddf8230030-FRA", "cache-fra-eddf8230030-FRA",
        "cache-sjc1000133-SJC,cache-fra19128-FRA"}) {
    EXPECT_EQ(name_in("x-served-by", value), "FRA by x-served-by: fastly_pop") << value;
  }
}

TEST(Edge, OfKeyCdnIsTheWholeLocation) {
  EXPECT_EQ(name_in("x-edge-location", "defr"), "defr by x-edge-location: whole");
}

TEST(Edge, OfCdn77IsTheWholePop) {
  EXPECT_EQ(name_in("x-77-pop", "pragueCZ"), "pragueCZ by x-77-pop: whole");
}

TEST(Edge, OfAnEdgePopHeaderIsTheWholeValue) {
  EXPECT_EQ(name_in("x-edge-pop", "EU-DE-FRANKFURT-01"), "EU-DE-FRANKFURT-01 by x-edge-pop: whole");
}

TEST(Edge, OfBunnyIsThePopInTheServersName) {
  for (const char* value : {"BunnyCDN-DE1-1081", "BunnyCDN-DE1"}) {
    EXPECT_EQ(name_in("server", value), "DE1 by server: bunnycdn_pop") << value;
  }
}

TEST(Edge, OfAlibabaIsThePlaceOfTheLastHop) {
  EXPECT_EQ(name_in("via",
                    "cache36.l2cn1818[23,200-0,M], cache14.l2cn1818[39,0], "
                    "kunlun7.cn1481[0,200-0,H], kunlun7.cn1481[1,0]"),
            "cn1481 by via: alibaba_pop");
  EXPECT_EQ(name_in("via", "ens-cache6.l2st3-1[0,0]"), "l2st3-1 by via: alibaba_pop");
}

TEST(Edge, OfAkamaiAndSquidIsTheHostThatTheAnswerIsFrom) {
  EXPECT_EQ(
      name_in("x-cache", "TCP_MEM_HIT from a118-214-191-15 (AkamaiGHost/6.7.0.2-9183648) (-)"),
      "a118-214-191-15 by x-cache: from_host");
  EXPECT_EQ(name_in("x-cache", "MISS from shield.example.net, HIT from ny1.example.net:3128"),
            "ny1.example.net by x-cache: from_host");
}

// ---- what names no edge

TEST(Edge, IsAbsentWithoutAHeaderThatNamesIt) {
  EXPECT_EQ(found({}), std::nullopt);
  EXPECT_EQ(found({{"content-type", "text/html"}, {"date", "Mon"}}), std::nullopt);
}

TEST(Edge, IsNoneOfTheProductsThatTheSameHeadersName) {
  const Headers products{{"server", "nginx"},
                         {"server", "cloudflare"},
                         {"server", "AkamaiGHost"},
                         {"server", "BunnyCDN"},
                         {"via", "1.1 varnish"},
                         {"via", "1.1 google"},
                         {"via", "2 fly.io"},
                         {"via", "1.1 0123456789abcdef.cloudfront.net (CloudFront)"},
                         {"via", "1.1 proxy[8080]"},
                         {"x-cache", "HIT"},
                         {"x-cache", "HIT, MISS"},
                         {"x-cache", "Hit from cloudfront"},
                         {"x-cache", "RefreshHit from cloudfront"},
                         {"x-cache", "HIT TCP_MEM_HIT dirn:-2:-2"},
                         {"x-cache", "CONFIG_NOCACHE"},
                         {"x-served-by", "web-01"},
                         {"x-served-by", "app"},
                         {"cache-status", "ExampleCache; hit; ttl=1100"},
                         {"server-timing", "cdn-cache; desc=HIT, edge; dur=1"}};
  for (const auto& header : products) {
    EXPECT_EQ(name_in({header}), "") << header.first << ": " << header.second;
  }
}

TEST(Edge, IsAbsentWhereThePartThatNamesItIsEmpty) {
  const Headers empty{{"x-edge-route", ""},
                      {"x-edge-route", "  "},
                      {"cf-ray", ""},
                      {"cf-ray", "8f2b3c4d5e6f7a8b"},
                      {"cf-ray", "8f2b-"},
                      {"cf-ray", "8f2b- "},
                      {"x-vercel-id", ""},
                      {"x-vercel-id", "::iad1"},
                      {"x-vercel-id", "iad1"},
                      {"x-served-by", ""},
                      {"x-served-by", ","},
                      {"x-served-by", "cache-lga21983-LGA,"},
                      {"x-served-by", "-"},
                      {"x-served-by", "cache-"},
                      {"server", ""},
                      {"server", "BunnyCDN-"},
                      {"server", "BunnyCDN--1"},
                      {"via", ""},
                      {"via", "]"},
                      {"via", "[]"},
                      {"via", "cache1[0]"},
                      {"via", ".cn1[0]"},
                      {"via", "cache1.[0]"},
                      {"x-cache", ""},
                      {"x-cache", " from "},
                      {"x-cache", "HIT from "},
                      {"x-cache", "HIT from :1"}};
  for (const auto& header : empty) {
    EXPECT_EQ(name_in({header}), "") << header.first << ": " << header.second;
  }
}

TEST(Edge, IsNoNameOfMoreThan64Bytes) {
  const std::string longest(EdgeRules::kMostNameBytes, 'a');
  EXPECT_EQ(found({{"x-edge-route", longest}})->name, longest);
  EXPECT_EQ(name_in("x-edge-route", longest + "a"), "");
}

// Each built-in rule, each extractor.
TEST(Edge, OfAValueOf8KilobytesOrOfAnyBytesIsAbsentOrANameOfTheValue) {
  std::vector<std::string> hostile{std::string(8192, 'a'),
                                   std::string(8192, '-'),
                                   std::string(8192, ':'),
                                   std::string(8192, ','),
                                   std::string(8192, '['),
                                   std::string(8192, ']'),
                                   "cache-" + std::string(8192, '.') + "[]",
                                   "\xff-\xfe",
                                   "\xff::\xfe",
                                   "BunnyCDN-\xff-1",
                                   "cache-a-\xff",
                                   "a.\xff[0]",
                                   "HIT from \xff.net",
                                   "HIT from <script>1</script>",
                                   "\xe2\x80\xae-\xe2\x80\xae",
                                   std::string("a\0-b\0", 5)};
  for (const EdgeRule& rule : builtin_edge_rules()) {
    for (const std::string& value : hostile) {
      const auto edge = found({{rule.header, value}});
      if (!edge) continue;
      EXPECT_LE(edge->name.size(), EdgeRules::kMostNameBytes) << edge->rule;
      EXPECT_TRUE(value.contains(edge->name)) << edge->rule;
      EXPECT_EQ(edge->name.find_first_of(std::string("\0\n\xff", 3)), std::string::npos)
          << edge->rule;
    }
  }
}

TEST(Edge, OfASecretIsAbsent) {
  EXPECT_EQ(EdgeRules({rule("x-pop-key", "whole")}).find({{"x-pop-key", std::string(kRedacted)}}),
            std::nullopt);
}

TEST(Edge, OfInvalidUtf8IsAbsent) {
  EXPECT_EQ(name_in("x-edge-route", "ny\xff"), "");
  EXPECT_EQ(name_in("cf-ray", "8f2b-FR\xc3"), "");
}

// ---- which rule counts

TEST(Edge, IsTheOperatorsWordBeforeAVendors) {
  EXPECT_EQ(found({{"cf-ray", "8f2b-FRA"}, {"x-edge-route", "ny1"}})->name, "ny1");
}

TEST(Edge, IsTheFirstOfARepeatedHeader) {
  EXPECT_EQ(found({{"x-edge-route", "ny1"}, {"x-edge-route", "la1"}})->name, "ny1");
}

TEST(Edge, IsLookedForFurtherWhenAHeaderNamesNone) {
  EXPECT_EQ(name_in({{"x-edge-route", ""},
                     {"cf-ray", "8f2b3c4d5e6f7a8b"},
                     {"server", "nginx"},
                     {"server", "BunnyCDN-DE1-1081"}}),
            "DE1 by server: bunnycdn_pop");
}

TEST(Edge, RulesCountInTheirOrder) {
  const EdgeRules edges({rule("x-b", "whole"), rule("x-a", "after_last_dash")});
  EXPECT_EQ(edges.find({{"x-a", "1-a"}, {"x-b", "1-b"}})->name, "1-b");
  EXPECT_EQ(edges.find({{"x-a", "1-a"}})->name, "a");
  EXPECT_EQ(edges.find({{"x-edge-route", "ny1"}}), std::nullopt);
}

TEST(Edge, TheHeadersThatNameItAreThoseOfTheRules) {
  EXPECT_TRUE(builtin_edges().is_edge_header("x-edge-route"));
  EXPECT_FALSE(builtin_edges().is_edge_header("x-pop"));
  EXPECT_TRUE(EdgeRules({rule("x-pop", "whole")}).is_edge_header("x-pop"));
}

TEST(Edge, AHeaderThatSaysMoreIsNotThereForTheEdge) {
  for (const char* name : {"server", "via", "x-cache"}) {
    EXPECT_FALSE(builtin_edges().is_edge_header(name)) << name;
  }
}

TEST(Edge, ExtractorsHaveDifferentNames) {
  std::set<std::string_view> names;
  for (const EdgeTake& take : edge_takes()) {
    EXPECT_TRUE(names.insert(take.name).second) << take.name;
    EXPECT_THAT(take.extract(""), IsEmpty()) << take.name;
  }
}

// ---- where it stands

TEST(EdgeLocation, IsTheAirportsWhoseCodeTheVendorUses) {
  EXPECT_EQ(found({{"cf-ray", "8f2b-FRA"}})->location,
            (EdgeLocation{"Frankfurt", "DE", 50.11, 8.68}));
  EXPECT_EQ(city_of("x-amz-cf-pop", "JFK52-P2"), "New York");
  EXPECT_EQ(city_of("x-vercel-id", "gru1::iad1::abcde"), "São Paulo");
  EXPECT_EQ(city_of("fly-request-id", "01JD3F9Z-nrt"), "Tokyo");
  EXPECT_EQ(city_of("x-served-by", "cache-qpg1234-QPG"), "Singapore");
}

TEST(EdgeLocation, IsNotGuessedFromCodesThatAreNoAirports) {
  EXPECT_EQ(city_of("x-edge-route", "lax"), "");
  EXPECT_EQ(city_of("server", "BunnyCDN-ASB-1081"), "");
  EXPECT_EQ(city_of("x-77-pop", "frankfurtDE"), "");
  EXPECT_EQ(city_of("x-edge-location", "defr"), "");
  EXPECT_EQ(city_of("via", "cache1.sin1[0]"), "");
}

TEST(EdgeLocation, OfAnUnknownCodeIsAbsent) { EXPECT_EQ(city_of("cf-ray", "8f2b-XXX"), ""); }

TEST(EdgeLocation, IsWhereTheOperatorSaysWhateverTheRule) {
  const EdgeRules edges(builtin_edge_rules(), {{"NY1", {"New York", "US", 40.7128, -74.006}},
                                               {"FRA", {"Offenbach", "DE", 50.1, 8.77}}});
  EXPECT_EQ(edges.find({{"x-edge-route", "ny1"}})->location->city, "New York");
  EXPECT_EQ(edges.find({{"cf-ray", "8f2b-FRA"}})->location->city, "Offenbach");
  EXPECT_EQ(edges.find({{"cf-ray", "8f2b-AMS"}})->location->city, "Amsterdam");
  EXPECT_EQ(edges.find({{"x-edge-route", "la1"}})->location, std::nullopt);
}

TEST(EdgeLocation, OfAnOperatorsRuleIsAnAirportWhenItSaysSo) {
  const EdgeRules edges({rule("x-a", "whole", true), rule("x-b", "whole")});
  EXPECT_EQ(edges.find({{"x-a", "lax"}})->location->city, "Los Angeles");
  EXPECT_EQ(edges.find({{"x-b", "lax"}})->location, std::nullopt);
}

}  // namespace
}  // namespace firstbyte
