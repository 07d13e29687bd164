#include "collector/access/access_database.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/fakes/collector_golden.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector {
namespace {

using testing::HasSubstr;

class AccessDatabaseTest : public testing::Test {
 protected:
  std::unique_ptr<AccessDatabase> open() { return AccessDatabase::open(folder_.path()).value(); }
  std::unique_ptr<AccessDatabase> attach() {
    return AccessDatabase::attach(folder_.path()).value();
  }
  Error refusal() {
    const auto attached = AccessDatabase::attach(folder_.path());
    EXPECT_FALSE(attached);
    return attached ? Error{} : attached.error();
  }
  Database file() {
    return Database::open(folder_ / "access.db", Database::Access::kReadWrite).value();
  }

  fakes::TempDir folder_;
};

TEST_F(AccessDatabaseTest, TheSchemaIsTheGoldenOne) {
  const auto database = open();
  const auto dump = database->read(
      [](Database& handle) -> Expected<std::string> { return store_test::dump_schema(handle); });
  fakes::expect_golden("schema/access.sql", *dump);
}

TEST_F(AccessDatabaseTest, IsForItsOwnerOnlyWithItsLog) {
  const auto database = open();
  ASSERT_TRUE(database->set_setting("name", "value"));
  for (const char* name : {"access.db", "access.db-wal", "access.db-shm"}) {
    struct stat status{};
    ASSERT_EQ(stat((folder_ / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST_F(AccessDatabaseTest, TellsWhenAnotherProcessHasCommitted) {
  const auto collector = open();
  const auto command_line = attach();
  collector->changed();
  EXPECT_FALSE(collector->changed());
  ASSERT_TRUE(command_line->set_setting("name", "value"));
  EXPECT_TRUE(collector->changed());
  EXPECT_FALSE(collector->changed());
  EXPECT_EQ(collector->setting("name").value(), "value");
}

TEST_F(AccessDatabaseTest, IsNotMadeByTheCommandLine) {
  EXPECT_EQ(refusal().field, "--data-dir");
  EXPECT_THAT(refusal().message, HasSubstr("start firstbyte-collector with this folder once"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(AccessDatabaseTest, OfAnotherVersionIsLeftAloneByTheCommandLine) {
  open();
  ASSERT_TRUE(file().execute("PRAGMA user_version = 999"));
  EXPECT_THAT(refusal().message, HasSubstr("has schema 999, newer than this binary's"));
  ASSERT_TRUE(file().execute("PRAGMA user_version = 0"));
  EXPECT_THAT(refusal().message, HasSubstr("has schema 0, older than this binary's"));
}

TEST_F(AccessDatabaseTest, OfAnotherProgramIsRefused) {
  open();
  ASSERT_TRUE(file().execute("PRAGMA application_id = 1"));
  EXPECT_THAT(refusal().message, HasSubstr("is the database of another program"));
  EXPECT_FALSE(AccessDatabase::open(folder_.path()));
}

TEST_F(AccessDatabaseTest, KeepsNothingOfAWriteThatFails) {
  const auto database = open();
  const auto failed = database->write([](Database& handle) -> Expected<> {
    EXPECT_TRUE(handle.execute("INSERT INTO setting VALUES ('a', 'b')"));
    return invalid({}, "no");
  });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message, "no");
  EXPECT_EQ(database->setting("a").value(), std::nullopt);
  EXPECT_TRUE(database->set_setting("a", "c"));
}

}  // namespace
}  // namespace firstbyte::collector
