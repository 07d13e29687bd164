#include "collector/store/migrations.h"

#include <gmock/gmock.h>

#include <array>

#include "fakes/collector_golden.h"
#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using testing::HasSubstr;

constexpr std::array kSteps{Migration{1, "0001_one", "CREATE TABLE one (x INTEGER) STRICT;"},
                            Migration{2, "0002_two", "CREATE TABLE two (x INTEGER) STRICT;"}};

class StoreMigrationsTest : public testing::Test {
 protected:
  std::int64_t number(const char* sql) { return database_.number(sql).value(); }

  TempFolder folder_;
  Database database_ = Database::open(folder_.database(), Database::Access::kCreate).value();
};

TEST_F(StoreMigrationsTest, TheSchemaIsTheGoldenOne) {
  ASSERT_TRUE(migrate(database_, migrations(), folder_.database()));
  fakes::expect_golden("schema/sqlite.sql", dump_schema(database_));
}

TEST_F(StoreMigrationsTest, AreNumberedFromOneWithoutAGap) {
  int expected = 0;
  for (const Migration& step : migrations()) EXPECT_EQ(step.version, ++expected) << step.name;
  EXPECT_GT(expected, 0);
}

TEST_F(StoreMigrationsTest, OnlyTheMissingStepsAreApplied) {
  ASSERT_TRUE(migrate(database_, std::span(kSteps).first(1), folder_.database()));
  EXPECT_EQ(number("PRAGMA user_version"), 1);
  ASSERT_TRUE(migrate(database_, kSteps, folder_.database()));
  EXPECT_EQ(number("PRAGMA user_version"), 2);
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema"), 2);
}

TEST_F(StoreMigrationsTest, AnUpToDateFileIsLeftAlone) {
  ASSERT_TRUE(migrate(database_, kSteps, folder_.database()));
  const std::string before = read_file(folder_.database());
  ASSERT_TRUE(migrate(database_, kSteps, folder_.database()));
  EXPECT_EQ(read_file(folder_.database()), before);
}

TEST_F(StoreMigrationsTest, AStepThatFailsHalfWayIsUndone) {
  const std::array steps{kSteps[0],
                         Migration{2, "0002_bad", "CREATE TABLE b (x); CREATE TABLE one (x);"}};
  const auto migrated = migrate(database_, steps, folder_.database());
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().kind, Error::Kind::kFatal);
  EXPECT_EQ(migrated.error().field, "--data-dir");
  EXPECT_THAT(migrated.error().message, HasSubstr("to schema 0002_bad: table one already exists"));
  EXPECT_EQ(number("PRAGMA user_version"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema"), 1);
}

}  // namespace
}  // namespace firstbyte::collector::store_test
