#include "lab/wire/wire_config.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "tests/fakes/temp_dir.h"

namespace firstbyte::wire {
namespace {

constexpr std::string_view kShortest = R"({"name": "x~y", "a": "w0a", "b": "w0b", "delay_us": 7})";

std::string document(std::initializer_list<std::string_view> wires) {
  std::string text;
  for (const std::string_view wire : wires) {
    text += text.empty() ? "" : ", ";
    text += wire;
  }
  return R"({"wires": [)" + text + "]}";
}

// The sentence that a user would read.
std::string refusal(std::string_view text) {
  const auto wires = parse_wires(text);
  if (wires) return "accepted";
  EXPECT_EQ(wires.error().kind, Error::Kind::kInvalid);
  const Error& error = wires.error();
  return error.field.empty() ? error.message : error.field + ": " + error.message;
}

// Of a wire with these keys besides its name and its ends.
std::string refusal_of(std::string_view keys) {
  return refusal(
      document({R"({"name": "x~y", "a": "w0a", "b": "w0b", )" + std::string(keys) + "}"}));
}

TEST(WireConfig, TakesAWireWithNothingButItsDelay) {
  const auto wires = parse_wires(document({kShortest}));
  ASSERT_TRUE(wires) << wires.error().message;
  ASSERT_EQ(wires->size(), 1U);
  EXPECT_EQ(wires->front().name, "x~y");
  EXPECT_EQ(wires->front().a, "w0a");
  EXPECT_EQ(wires->front().b, "w0b");
  EXPECT_EQ(wires->front().settings, WireSettings{.delay = Micros{7}});
}

TEST(WireConfig, TakesEverySetting) {
  const auto wires = parse_wires(
      document({R"({"name": "x~y", "a": "w0a", "b": "w0b", "delay_us": 24700, "jitter_us": 5,
           "loss_percent": 0.5, "rate_mbit": 100, "up": false})"}));
  ASSERT_TRUE(wires) << wires.error().message;
  EXPECT_EQ(wires->front().settings, (WireSettings{.delay = Micros{24'700},
                                                   .jitter = Micros{5},
                                                   .loss_percent = 0.5,
                                                   .rate_mbit = 100,
                                                   .up = false}));
}

TEST(WireConfig, TakesNoWiresAtAll) { EXPECT_TRUE(parse_wires(document({}))); }

TEST(WireConfig, NamesTheWireAndTheKeyThatIsWrong) {
  EXPECT_EQ(refusal_of(R"("delay_us": -1)"),
            "wire x~y: delay_us: -1 is not a number from 0 to 10000000");
  EXPECT_EQ(refusal_of(R"("delay_us": 10000001)"),
            "wire x~y: delay_us: 10000001 is not a number from 0 to 10000000");
  EXPECT_EQ(refusal_of(R"("delay_us": "1")"),
            "wire x~y: delay_us: \"1\" is not a number from 0 to 10000000");
  EXPECT_EQ(refusal_of(R"("delay_us": 1, "loss_percent": 100.5)"),
            "wire x~y: loss_percent: 1.005E2 is not a number from 0 to 100");
  EXPECT_EQ(refusal_of(R"("delay_us": 1, "rate_mbit": -2)"),
            "wire x~y: rate_mbit: -2 is not a number from 0 to 1000000");
  EXPECT_EQ(refusal_of(R"("delay_us": 1, "up": 1)"), "wire x~y: up: neither true nor false");
  EXPECT_EQ(refusal_of(R"("delay_us": 1, "dealy": 1)"), "wire x~y: dealy: there is no such key");
  EXPECT_EQ(refusal_of(R"("jitter_us": 1)"), "wire x~y: delay_us: missing");
}

TEST(WireConfig, NamesAWireWithoutANameByItsPlace) {
  EXPECT_EQ(refusal(document({kShortest, R"({"a": "c", "b": "d", "delay_us": 1})"})),
            "wire number 2: name: missing");
  EXPECT_EQ(refusal(document({"17"})), "wire number 1: not an object");
  EXPECT_EQ(refusal(document({R"({"name": ""})"})),
            "wire number 1: name: not a string that says something");
}

TEST(WireConfig, RefusesWhatIsThereTwice) {
  EXPECT_EQ(refusal(document({kShortest, R"({"name": "x~y", "a": "c", "b": "d", "delay_us": 1})"})),
            "wire x~y: name: another wire has it already");
  EXPECT_EQ(refusal(document({kShortest, R"({"name": "z", "a": "c", "b": "w0a", "delay_us": 1})"})),
            "wire z: b: interface w0a is in use already");
  EXPECT_EQ(refusal(document({R"({"name": "z", "a": "c", "b": "c", "delay_us": 1})"})),
            "wire z: b: interface c is in use already");
}

TEST(WireConfig, RefusesADocumentOfAnotherShape) {
  const std::string shape = "wires: the document is not an object with an array of this name";
  EXPECT_EQ(refusal("[]"), shape);
  EXPECT_EQ(refusal("{}"), shape);
  EXPECT_EQ(refusal(R"({"wires": {}})"), shape);
  EXPECT_EQ(refusal(R"({"wires": [], "more": 1})"), "the document has keys other than \"wires\"");
  EXPECT_EQ(refusal("{"), "not valid JSON: incomplete JSON");
}

TEST(WireConfig, NamesTheFileThatIsNotThereOrIsNotJson) {
  const fakes::TempDir folder;
  const auto absent = load_wires(folder / "absent.json");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, Error::Kind::kFatal);
  EXPECT_EQ(absent.error().field, folder / "absent.json");
  const auto broken = load_wires(folder.write("broken.json", "{"));
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().field, folder / "broken.json");
  EXPECT_EQ(load_wires(folder.write("wires.json", document({kShortest})))->size(), 1U);
}

TEST(WireConfig, ChangesOnlyWhatIsNamed) {
  const WireSettings before{.delay = Micros{5}, .loss_percent = 3};
  const auto object = boost::json::parse(R"({"wire": "x", "delay_us": 9})").as_object();
  EXPECT_EQ(changed_settings(before, object, {"wire"}),
            (WireSettings{.delay = Micros{9}, .loss_percent = 3}));
  EXPECT_EQ(changed_settings(before, object, {}).error().field, "wire");
}

}  // namespace
}  // namespace firstbyte::wire
