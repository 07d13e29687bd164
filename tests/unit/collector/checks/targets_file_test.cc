#include "collector/checks/targets_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/fakes/temp_dir.h"

namespace firstbyte::targets_file_test {
namespace {

using namespace collector;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

std::vector<ConfiguredTarget> accepted(const std::string& text) {
  const auto targets = parse_targets(text, "targets.yaml");
  EXPECT_TRUE(targets) << targets.error().message;
  return targets.value_or(std::vector<ConfiguredTarget>{});
}

std::string refused(const std::string& text) {
  const auto targets = parse_targets(text, "targets.yaml");
  EXPECT_FALSE(targets) << text;
  if (targets) return {};
  EXPECT_EQ(targets.error().field, "--targets");
  EXPECT_EQ(targets.error().kind, Error::Kind::kInvalid);
  return targets.error().message;
}

// Of one target that lacks nothing but what is added, on the lines from 5 on.
std::string with(const std::string& lines, const std::string& interval = "30s") {
  return fmt::format("targets:\n  - name: front\n    url: https://a.example/\n    interval: {}\n{}",
                     interval, lines);
}

TEST(TargetsFile, OneTargetNeedsANameAUrlAndAnInterval) {
  const auto targets = accepted(with(""));
  ASSERT_EQ(targets.size(), 1U);
  EXPECT_EQ(targets[0].check.name, "front");
  EXPECT_EQ(targets[0].check.target.url, "https://a.example/");
  EXPECT_EQ(targets[0].check.interval, 30s);
  EXPECT_EQ(targets[0].check.target.timeout, 10s);
  EXPECT_EQ(targets[0].check.id, check_id(targets[0].check));
  EXPECT_THAT(targets[0].cities, ElementsAre());
}

TEST(TargetsFile, IntervalsAreFrom100MillisecondsToAnHour) {
  const auto interval = [](const char* text) {
    return accepted(with("", text)).at(0).check.interval;
  };
  EXPECT_EQ(interval("100ms"), 100ms);
  EXPECT_EQ(interval("500ms"), 500ms);
  EXPECT_EQ(interval("1s"), 1s);
  EXPECT_EQ(interval("5m"), 5min);
  EXPECT_EQ(interval("1h"), 1h);
  for (const char* wrong : {"99ms", "61m", "2h", "0s", "-1s", "30", "30 s", "1.5s", "s", "1d",
                            "99999999999999999999s", "[30s]"}) {
    EXPECT_EQ(
        refused(with("", wrong)),
        "targets.yaml:4: interval: must be a whole number and ms, s, m or h, from 100ms to 1h")
        << wrong;
  }
}

TEST(TargetsFile, OptionsAreThoseOfATest) {
  const auto targets =
      accepted(with("    cities: [Frankfurt, tokyo]\n"
                    "    method: POST\n"
                    "    request_headers:\n"
                    "      - [x-probe, \"1\"]\n"
                    "    body: ping\n"
                    "    http_version: \"2\"\n"
                    "    timeout_ms: 5000\n"
                    "    limits_ms: {connect: 800}\n"
                    "    expect:\n"
                    "      status: 200\n"
                    "      headers: {x-edge-route: ny1}\n"));
  ASSERT_EQ(targets.size(), 1U);
  const Target& target = targets[0].check.target;
  EXPECT_THAT(targets[0].cities, ElementsAre("Frankfurt", "tokyo"));
  EXPECT_EQ(target.method, Method::kPost);
  EXPECT_EQ(target.headers, (Headers{{"x-probe", "1"}}));
  EXPECT_EQ(target.body, "ping");
  EXPECT_EQ(target.http_version, HttpVersion::k2);
  EXPECT_EQ(target.timeout, 5s);
  EXPECT_EQ(target.phase_limits[static_cast<std::size_t>(Phase::kConnect)], 800ms);
  EXPECT_EQ(target.expect.status, (StatusRange{200, 200}));
}

TEST(TargetsFile, AProbeMayTakeNoLongerThanTheInterval) {
  EXPECT_EQ(accepted(with("", "500ms")).at(0).check.target.timeout, 500ms);
  EXPECT_EQ(accepted(with("    timeout_ms: 1000\n", "1s")).at(0).check.target.timeout, 1s);
  EXPECT_EQ(refused(with("    timeout_ms: 1001\n", "1s")),
            "targets.yaml:5: timeout_ms: a probe may not take longer than the interval");
}

TEST(TargetsFile, NoTargetsAreNoMistake) { EXPECT_TRUE(accepted("targets: []\n").empty()); }

// ---- what is refused, with line and key

TEST(TargetsFile, RefusesWhatIsMissing) {
  EXPECT_EQ(refused("targets:\n  - url: https://a.example/\n    interval: 1s\n"),
            "targets.yaml:2: name: is missing");
  EXPECT_EQ(refused("targets:\n  - name: a\n    url: https://a.example/\n"),
            "targets.yaml:2: interval: is missing");
  EXPECT_EQ(refused("targets:\n  - name: a\n    interval: 1s\n"),
            "targets.yaml:2: url: the URL is missing");
}

TEST(TargetsFile, RefusesKeysThatAreNotKnown) {
  EXPECT_EQ(refused("target: []\n"), "targets.yaml:1: target: there is no such key");
  EXPECT_EQ(refused(with("    intervall: 1s\n")),
            "targets.yaml:5: intervall: there is no such field");
  EXPECT_EQ(refused(with("    expect:\n      statsu: 200\n")),
            "targets.yaml:6: expect.statsu: there is no such field");
}

TEST(TargetsFile, RefusesImpossibleValues) {
  EXPECT_THAT(refused("targets:\n  - name: Front Page\n    url: x\n    interval: 1s\n"),
              StartsWith("targets.yaml:2: name: must be"));
  EXPECT_THAT(refused(with("    method: PUT\n")), StartsWith("targets.yaml:5: method: "));
  EXPECT_THAT(refused(with("    expect:\n      certificate_days: 0\n")),
              StartsWith("targets.yaml:6: expect.certificate_days: "));
  EXPECT_THAT(refused(with("    request_headers:\n      - [a, b]\n      - [\"bad name\", b]\n")),
              StartsWith("targets.yaml:7: request_headers.1: "));
  EXPECT_THAT(refused(with("    cities: []\n")), StartsWith("targets.yaml:5: cities: "));
  EXPECT_EQ(refused(with("    cities: [a, b, a]\n")), "targets.yaml:5: cities: a is there twice");
  EXPECT_THAT(refused("targets:\n  - name: a\n    url: ftp://a/\n    interval: 1s\n"),
              StartsWith("targets.yaml:3: url: "));
}

TEST(TargetsFile, RefusesWhatIsThereTwice) {
  EXPECT_EQ(refused(with("    url: https://b.example/\n")), "targets.yaml:5: url: is there twice");
  EXPECT_EQ(refused(with("  - name: front\n    url: https://b.example/\n    interval: 1s\n")),
            "targets.yaml:5: name: another target is called front");
}

TEST(TargetsFile, RefusesWhatIsNoList) {
  for (const char* text : {"", "targets:\n", "targets: 3\n", "- a\n", "a"}) {
    EXPECT_THAT(refused(text), StartsWith("targets.yaml:1: ")) << text;
  }
  EXPECT_THAT(refused("targets:\n  - front\n"), StartsWith("targets.yaml:2: targets: "));
}

TEST(TargetsFile, RefusesWhatIsNoYaml) {
  EXPECT_THAT(refused("targets:\n\t- name: a\n"), StartsWith("targets.yaml:2: this is no YAML: "));
  EXPECT_THAT(refused("targets: [\n"), HasSubstr("this is no YAML"));
  EXPECT_THAT(refused(std::string(100'000, '[')), HasSubstr("this is no YAML"));
  EXPECT_FALSE(parse_targets(std::string("\0\xff\xfe", 3), "targets.yaml"));
}

TEST(TargetsFile, ACircleOfAliasesEnds) {
  EXPECT_THAT(refused(with("    expect: &a {headers: [*a]}\n")), HasSubstr("targets.yaml:"));
  EXPECT_THAT(refused("targets: &a [*a]\n"), StartsWith("targets.yaml:1: "));
}

TEST(TargetsFile, RefusesMoreThanAnAgentIsTold) {
  std::string text = "targets:\n";
  for (std::size_t i = 0; i <= kMaxChecks; ++i) {
    text += fmt::format("  - {{name: t{}, url: \"https://a.example/\", interval: 1m}}\n", i);
  }
  EXPECT_EQ(refused(text), "targets.yaml:2: targets: there are more than 1000");
}

TEST(TargetsFile, IsReadFromTheDisk) {
  const fakes::TempDir folder;
  EXPECT_EQ(read_targets(folder.write("t.yaml", with(""))).value().size(), 1U);
  EXPECT_EQ(read_targets(folder.write("t.yaml", with("    a: b\n"))).error().message,
            "t.yaml:5: a: there is no such field");
  EXPECT_EQ(read_targets(folder / "none.yaml").error().message,
            folder / "none.yaml" + " cannot be read");
  EXPECT_THAT(read_targets(folder.path()).error().message, HasSubstr("cannot be read"));
  EXPECT_THAT(read_targets(folder.write("t.yaml", std::string(3 << 20, '#'))).error().message,
              HasSubstr("is larger than 2097152 bytes"));
}

}  // namespace
}  // namespace firstbyte::targets_file_test
