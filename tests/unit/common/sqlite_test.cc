#include "common/sqlite.h"

#include <gmock/gmock.h>

#include "tests/fakes/temp_dir.h"

namespace firstbyte {
namespace {

using testing::HasSubstr;

class SqliteTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(database_.execute("CREATE TABLE t (a INTEGER UNIQUE, b TEXT, c REAL) STRICT"));
  }

  fakes::TempDir folder_;
  Database database_ =
      Database::open(folder_.path() / "test.db", Database::Access::kCreate).value();
};

TEST_F(SqliteTest, GivesBackWhatWasBound) {
  ASSERT_TRUE(Statement(database_, "INSERT INTO t VALUES (?, ?, ?)").run(-5, "x", 0.1));
  Statement select(database_, "SELECT * FROM t");
  auto rows = select.query().value();
  ASSERT_TRUE(rows.next().value());
  EXPECT_EQ(rows.take<std::int64_t>(), -5);
  EXPECT_EQ(rows.take<std::string>(), "x");
  EXPECT_EQ(rows.take<double>(), 0.1);
  EXPECT_FALSE(rows.next().value());
}

TEST_F(SqliteTest, AnEmptyTextIsNotNull) {
  ASSERT_TRUE(Statement(database_, "INSERT INTO t (b) VALUES (?)").run(std::string_view()));
  EXPECT_EQ(database_.number("SELECT b IS NULL FROM t").value(), 0);
}

TEST_F(SqliteTest, AnEmptyOptionalIsNull) {
  ASSERT_TRUE(
      Statement(database_, "INSERT INTO t (b) VALUES (?)").run(std::optional<std::string>()));
  EXPECT_EQ(database_.number("SELECT b IS NULL FROM t").value(), 1);
}

TEST_F(SqliteTest, AConstraintIsARefusal) {
  Statement insert(database_, "INSERT INTO t (a) VALUES (?)");
  ASSERT_TRUE(insert.run(1));
  const auto again = insert.run(1);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Error::Kind::kInvalid);
  EXPECT_EQ(again.error().message, "UNIQUE constraint failed: t.a");
}

TEST_F(SqliteTest, AStatementWorksAgainAfterARefusal) {
  Statement insert(database_, "INSERT INTO t (a) VALUES (?)");
  ASSERT_TRUE(insert.run(1));
  ASSERT_FALSE(insert.run(1));
  EXPECT_TRUE(insert.run(2));
}

TEST_F(SqliteTest, ALockThatSomebodyElseHoldsIsTransient) {
  auto other = Database::open(folder_.path() / "test.db", Database::Access::kReadWrite).value();
  ASSERT_TRUE(other.execute("BEGIN IMMEDIATE"));
  const auto locked = database_.execute("INSERT INTO t (a) VALUES (1)");
  ASSERT_FALSE(locked);
  EXPECT_EQ(locked.error().kind, Error::Kind::kTransient);
}

TEST_F(SqliteTest, AValueTooFewIsRefused) {
  const auto inserted = Statement(database_, "INSERT INTO t VALUES (?, ?, ?)").run(1, "x");
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().message, "2 values for 3 parameters");
}

TEST_F(SqliteTest, AWrongStatementSaysWhatIsWrong) {
  const auto run = Statement(database_, "SELEKT 1").run();
  ASSERT_FALSE(run);
  EXPECT_THAT(run.error().message, HasSubstr("SELEKT"));
}

TEST_F(SqliteTest, AMissingFileCannotBeOpenedForReading) {
  EXPECT_FALSE(Database::open(folder_.path() / "none.db", Database::Access::kReadOnly));
}

TEST(Sqlite, WhatIsNoDatabaseIsDamagedForGood) {
  const fakes::TempDir folder;
  auto database =
      Database::open(folder.write("file", std::string(5'000, 'x')), Database::Access::kReadWrite);
  ASSERT_TRUE(database);
  const auto number = database->number("PRAGMA user_version");
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().kind, Error::Kind::kFatal);
  EXPECT_EQ(number.error().message, "file is not a database");
}

TEST(Sqlite, ADatabaseInMemoryIsOfItsOwn) {
  auto first = Database::in_memory().value();
  auto second = Database::in_memory().value();
  ASSERT_TRUE(first.execute("CREATE TABLE t (a); INSERT INTO t VALUES (7)"));
  EXPECT_EQ(first.number("SELECT a FROM t").value(), 7);
  EXPECT_FALSE(second.number("SELECT a FROM t"));
}

}  // namespace
}  // namespace firstbyte
