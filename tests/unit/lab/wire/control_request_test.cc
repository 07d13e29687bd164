#include "lab/wire/control_request.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace firstbyte::wire {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kStart{1000s};

class ControlRequestTest : public testing::Test {
 protected:
  ControlRequestTest() {
    for (const char* name : {"x~y", "x~z"}) {
      const auto send = [](std::span<iovec>) { return Direction::Sent::kYes; };
      wires_.emplace_back(WireConfig{name, "", "", {.delay = Micros{5'000}}}, pool_, random_, 0,
                          send, send);
    }
  }

  std::string ask(std::string_view line) { return answer(line, wires_, 7); }
  boost::json::value stats_of(const char* wire) {
    return boost::json::parse(ask(R"({"stats": {}})")).at("wires").at(wire);
  }
  static void arrive(Direction& direction, const Wire& wire) {
    direction.arrive(std::as_bytes(std::span("abcd", 4)), kStart, wire.settings());
  }

  PacketPool pool_;
  Random random_{1};
  std::deque<Wire> wires_;
};

TEST_F(ControlRequestTest, ChangesWhatIsNamedOfTheWireThatIsNamed) {
  EXPECT_EQ(ask(R"({"set": {"wire": "x~z", "delay_us": 70000, "loss_percent": 2.5}})"),
            "{\"ok\":true}\n");
  EXPECT_EQ(wires_[1].settings(), (WireSettings{.delay = Micros{70'000}, .loss_percent = 2.5}));
  EXPECT_EQ(wires_[0].settings(), WireSettings{.delay = Micros{5'000}});
}

TEST_F(ControlRequestTest, ChangesNothingWhenAnyKeyIsWrong) {
  EXPECT_EQ(ask(R"({"set": {"wire": "x~y", "delay_us": 1, "rate": 3}})"),
            "{\"error\":\"rate: there is no such key\"}\n");
  EXPECT_EQ(ask(R"({"set": {"wire": "x~y", "up": false, "jitter_us": -3}})"),
            "{\"error\":\"jitter_us: -3 is not a number from 0 to 10000000\"}\n");
  EXPECT_EQ(wires_[0].settings(), WireSettings{.delay = Micros{5'000}});
}

TEST_F(ControlRequestTest, RefusesWithOneSentence) {
  const std::string shape =
      "{\"error\":\"a request is an object with one key, whose value is an object\"}\n";
  EXPECT_EQ(ask("[]"), shape);
  EXPECT_EQ(ask("{}"), shape);
  EXPECT_EQ(ask(R"({"stats": 1})"), shape);
  EXPECT_EQ(ask(R"({"stats": {}, "set": {}})"), shape);
  EXPECT_EQ(ask(""), "{\"error\":\"not valid JSON: incomplete JSON\"}\n");
  EXPECT_EQ(ask(R"({"get": {}})"),
            "{\"error\":\"a request is a \\\"set\\\" or a \\\"stats\\\"\"}\n");
  EXPECT_EQ(ask(R"({"stats": {"x": 1}})"), "{\"error\":\"stats takes no keys\"}\n");
  EXPECT_EQ(ask(R"({"set": {}})"), "{\"error\":\"wire: missing\"}\n");
  EXPECT_EQ(ask(R"({"set": {"wire": "q"}})"), "{\"error\":\"there is no wire q\"}\n");
}

TEST_F(ControlRequestTest, SurvivesAnyNesting) {
  EXPECT_TRUE(ask(std::string(60'000, '[')).starts_with("{\"error\":"));
}

TEST_F(ControlRequestTest, AWireThatGoesDownLosesWhatIsInFlightBothWays) {
  arrive(wires_[0].a_to_b(), wires_[0]);
  arrive(wires_[0].b_to_a(), wires_[0]);
  EXPECT_EQ(stats_of("x~y").at("a_to_b").at("in_flight"), 1);
  ask(R"({"set": {"wire": "x~y", "up": false}})");
  EXPECT_EQ(stats_of("x~y").at("a_to_b").at("in_flight"), 0);
  EXPECT_EQ(stats_of("x~y").at("a_to_b").at("down"), 1);
  EXPECT_EQ(stats_of("x~y").at("b_to_a").at("down"), 1);
}

TEST_F(ControlRequestTest, TellsEverySettingAndCount) {
  arrive(wires_[0].a_to_b(), wires_[0]);
  wires_[0].a_to_b().send_first(kStart + 6ms);
  wires_[0].a_to_b().count_overflowed(3);
  const auto expected = boost::json::parse(R"({
    "delay_us": 5000, "jitter_us": 0, "loss_percent": 0.0, "rate_mbit": 0.0, "up": true,
    "a_to_b": {"packets": 1, "bytes": 4, "lost": 0, "down": 0, "overflowed": 3, "in_flight": 0,
               "late_p50_us": 1000.0, "late_p99_us": 1000.0, "late_max_us": 1000.0},
    "b_to_a": {"packets": 0, "bytes": 0, "lost": 0, "down": 0, "overflowed": 0, "in_flight": 0,
               "late_p50_us": 0.0, "late_p99_us": 0.0, "late_max_us": 0.0}})");
  EXPECT_EQ(stats_of("x~y"), expected);
}

}  // namespace
}  // namespace firstbyte::wire
