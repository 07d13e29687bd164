#include "collector/checks/check_plan.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/fakes/collector_examples.h"

namespace firstbyte::collector {
namespace {

using namespace std::chrono_literals;

Check check(Micros interval = 30s) {
  return {.name = "front", .target = {.url = "https://a.example/"}, .interval = interval};
}

// The number itself, as it must be the same in every run.
TEST(CheckId, IsTheSameForTheSameCheck) {
  EXPECT_EQ(check_id(check()), check_id(check()));
  EXPECT_NE(check_id(check()), check_id(check(31s)));
  Check other = check();
  other.name = "back";
  EXPECT_NE(check_id(check()), check_id(other));
  other = check();
  other.target.max_redirects = 1;
  EXPECT_NE(check_id(check()), check_id(other));
}

TEST(CheckId, DoesNotDependOnSecrets) {
  Check one = check();
  one.target.headers = {{"authorization", "one"}};
  Check two = check();
  two.target.headers = {{"authorization", "two"}};
  EXPECT_EQ(check_id(one), check_id(two));
  EXPECT_NE(check_id(one), check_id(check()));
}

TEST(CheckPlan, EachCityHasItsChecks) {
  const CheckPlan plan = examples::check_plan();
  EXPECT_EQ(plan.of(examples::new_york()).checks.size(), 1U);
  EXPECT_EQ(plan.of(examples::tokyo()).checks.size(), 2U);
  EXPECT_EQ(CheckPlan().of(examples::tokyo()).checks.size(), 0U);
}

TEST(CheckPlan, ACityIsMeantByItsNameOrByItsAgent) {
  const CheckPlan plan({{check(), {"New York", "frankfurt"}}});
  EXPECT_EQ(plan.of(examples::new_york()).checks.size(), 1U);
  EXPECT_EQ(plan.of(examples::frankfurt()).checks.size(), 1U);
  EXPECT_EQ(plan.of(examples::tokyo()).checks.size(), 0U);
}

TEST(CheckPlan, SpreadsAgentsOverTheInterval) {
  std::set<Micros> tenths;
  for (int i = 0; i < 200; ++i) {
    const Micros offset = CheckPlan::offset_of(check(), "agent-" + std::to_string(i));
    EXPECT_GE(offset, 0s);
    EXPECT_LT(offset, 30s);
    tenths.insert(offset / 3s * 1us);
  }
  EXPECT_EQ(tenths.size(), 10U);
}

TEST(CheckPlan, ARevisionIsTheSameAsLongAsNothingChanges) {
  Check secret = check();
  secret.target.headers = {{"authorization", "one"}};
  const auto revision = [](const Check& each) {
    return CheckPlan({{each, {}}}).of(examples::tokyo()).revision;
  };
  EXPECT_EQ(revision(secret), revision(secret));
  EXPECT_NE(revision(secret), revision(check()));
  EXPECT_NE(revision(check()), CheckPlan().of(examples::tokyo()).revision);
  Check changed = secret;
  changed.target.headers = {{"authorization", "two"}};
  EXPECT_NE(revision(secret), revision(changed));
}

}  // namespace
}  // namespace firstbyte::collector
