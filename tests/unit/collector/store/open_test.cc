// What a collector does with the data folder it is given.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collector/store/database_file.h"
#include "collector/store/migrations.h"
#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;
using testing::Key;
using testing::Not;

class StoreOpenTest : public testing::Test {
 protected:
  // Opening fails with one sentence on --data-dir, and not a byte in the folder changes.
  std::string refusal() {
    const auto before = contents(folder_.path());
    const std::string sentence = refusal_of(folder_.path());
    EXPECT_EQ(contents(folder_.path()), before);
    return sentence;
  }

  static std::string refusal_of(const fs::path& data_dir) {
    const auto store = SqliteStore::open(data_dir);
    if (store) return "it opened";
    EXPECT_EQ(store.error().kind, Error::Kind::kFatal);
    EXPECT_EQ(store.error().field, "--data-dir");
    return store.error().message;
  }

  // Another program's database, or one of ours that has been tampered with.
  void make_database(const std::string& sql) {
    auto database = Database::open(folder_.database(), Database::Access::kCreate);
    const auto made = database.value().execute(sql);
    ASSERT_TRUE(made) << made.error().message;
  }
  void make_store() { ASSERT_TRUE(SqliteStore::open(folder_.path())); }

  std::string file() const { return folder_.database().string(); }

  TempFolder folder_;
};

TEST_F(StoreOpenTest, MakesTheFolderAndTheFile) {
  const fs::path nested = folder_.path() / "a" / "b";
  ASSERT_TRUE(SqliteStore::open(nested));
  EXPECT_TRUE(fs::exists(nested / "firstbyte.db"));
}

TEST_F(StoreOpenTest, TheFileCarriesOurIdAndVersion) {
  make_store();
  auto database = Database::open(folder_.database(), Database::Access::kFrozen);
  EXPECT_EQ(database->number("PRAGMA application_id").value(), 0x46425954);
  EXPECT_EQ(database->number("PRAGMA user_version").value(), 6);
  EXPECT_EQ(database->number("PRAGMA page_size").value(), 8192);
}

// A store as the collector before had left it: a test of one city with its result.
TEST_F(StoreOpenTest, ReadsATestOfTheSchemaBeforeTargets) {
  make_store();
  fs::remove(folder_.database());
  make_database("PRAGMA page_size = 8192; PRAGMA application_id = 0x46425954");
  {
    auto database = Database::open(folder_.database(), Database::Access::kReadWrite).value();
    ASSERT_TRUE(migrate(database, migrations().first(2), folder_.database()));
    const auto filled = database.execute(R"(
        INSERT INTO vantage VALUES (1, 'agent-ny', 'New York', 'US', 'North America', 1, 2, NULL);
        INSERT INTO test VALUES ('t1', 'http://a/?q=%22', 1000000, 8000000);
        INSERT INTO result (agent_id, boot, sequence, vantage_id, test_id, url, measured_at_us,
          received_at_us, wait_begin_us, wait_end_us, total_us, kernel_phases, status)
          VALUES ('agent-ny', 7, 1, 1, 't1', 'http://a/', 5, 6, 1, 3, 9, 'wait', 204);
        INSERT INTO result_detail
          VALUES (1, '{"headers":[],"headers_truncated":false,"dns":null,"tls":null}');
        INSERT INTO test_city VALUES ('t1', 0, 'agent-ny', 1, 'finished', 9, 1);)");
    ASSERT_TRUE(filled) << filled.error().message;
  }
  auto store = SqliteStore::open(folder_.path()).value();
  const auto loaded = store->load_test("t1");
  ASSERT_TRUE(loaded) << loaded.error().message;
  Target expected{.url = "http://a/?q=%22"};
  expected.timeout = std::chrono::seconds{5};
  EXPECT_EQ(loaded->value().target, expected);
  Measurement measured;
  measured.test_id = "t1";
  measured.url = "http://a/";
  measured.measured_at = at(5);
  measured.timings =
      Timings::make({std::nullopt, std::nullopt, std::nullopt,
                     Span{Micros{1}, Micros{3}, Micros{0}, Span::Clock::kKernel}, std::nullopt},
                    Micros{9})
          .value();
  measured.status = 204;
  EXPECT_EQ(loaded->value().cities.at(0).received->measurement, measured);
}

TEST_F(StoreOpenTest, ClosingLeavesOneFileAndTheLock) {
  make_store();
  EXPECT_EQ(contents(folder_.path()).size(), 1U);
}

TEST_F(StoreOpenTest, AnEmptyFileBecomesTheDatabase) {
  write_file(folder_.database(), "");
  EXPECT_TRUE(SqliteStore::open(folder_.path()));
}

TEST_F(StoreOpenTest, ADraftOfAnInterruptedStartIsReplaced) {
  write_file(file() + ".new", "half a database");
  make_store();
  EXPECT_THAT(contents(folder_.path()), Not(Contains(Key("firstbyte.db.new"))));
}

TEST_F(StoreOpenTest, APathWithCharactersOfUrisIsOnlyAPath) {
  const fs::path odd = folder_.path() / "50%25?mode=memory#x";
  ASSERT_TRUE(SqliteStore::open(odd));
  EXPECT_TRUE(SqliteStore::open(odd));
  EXPECT_TRUE(fs::exists(odd / "firstbyte.db"));
}

TEST_F(StoreOpenTest, RefusesAFileThatIsNotADatabase) {
  write_file(folder_.database(), "hello");
  EXPECT_EQ(refusal(), file() + " is not a database of Firstbyte: file is not a database");
}

TEST_F(StoreOpenTest, RefusesALargeFileOfNoise) {
  write_file(folder_.database(), std::string(100'000, '\x5a'));
  EXPECT_THAT(refusal(), HasSubstr("is not a database of Firstbyte"));
}

TEST_F(StoreOpenTest, RefusesADatabaseCutShort) {
  make_store();
  write_file(folder_.database(), read_file(folder_.database()).substr(0, 5000));
  EXPECT_THAT(refusal(), HasSubstr("is not a database of Firstbyte"));
}

TEST_F(StoreOpenTest, RefusesTheDatabaseOfAnotherProgram) {
  make_database("CREATE TABLE song (title TEXT)");
  EXPECT_EQ(refusal(), file() + " is the database of another program");
}

TEST_F(StoreOpenTest, RefusesAnotherApplicationId) {
  make_database("PRAGMA application_id = 7");
  EXPECT_EQ(refusal(), file() + " is the database of another program");
}

TEST_F(StoreOpenTest, LeavesNoLogBesideAnotherProgramsDatabaseInWalMode) {
  make_database("PRAGMA journal_mode = WAL; CREATE TABLE song (title TEXT)");
  EXPECT_EQ(refusal(), file() + " is the database of another program");
}

TEST_F(StoreOpenTest, RefusesANewerSchema) {
  make_store();
  make_database("PRAGMA user_version = 7");
  EXPECT_EQ(refusal(), file() +
                           " has schema 7, newer than this binary's 6; use a newer "
                           "firstbyte-collector");
}

TEST_F(StoreOpenTest, RefusesANewerSchemaThatOnlyTheLogKnowsOf) {
  make_store();
  {
    auto database = Database::open(folder_.database(), Database::Access::kReadWrite);
    database->set_checkpoint_on_close(false);
    ASSERT_TRUE(database->execute("PRAGMA user_version = 7"));
  }
  const std::string before = read_file(folder_.database());
  const std::string log = read_file(file() + "-wal");
  ASSERT_NE(log, "");
  EXPECT_THAT(refusal_of(folder_.path()), HasSubstr("has schema 7"));
  EXPECT_EQ(read_file(folder_.database()), before);
  EXPECT_EQ(read_file(file() + "-wal"), log);
}

TEST_F(StoreOpenTest, RefusesToPutANewDatabaseUnderAnOldLog) {
  write_file(file() + "-wal", "frames of a database that was moved away");
  EXPECT_EQ(refusal(), file() + "-wal belongs to a database that is not there; restore " + file() +
                           " or remove it");
}

TEST_F(StoreOpenTest, RefusesAFolderInTheFilesPlace) {
  fs::create_directory(folder_.database());
  EXPECT_EQ(refusal_of(folder_.path()), file() + " is not a file");
}

TEST_F(StoreOpenTest, RefusesAFolderThatCannotBeMade) {
  const fs::path blocked = folder_.path() / "file" / "data";
  write_file(folder_.path() / "file", "");
  EXPECT_EQ(refusal_of(blocked),
            "cannot make the folder " + blocked.string() + ": Not a directory");
}

TEST_F(StoreOpenTest, RefusesAFileInTheFoldersPlace) {
  const fs::path blocked = folder_.path() / "file";
  write_file(blocked, "");
  EXPECT_EQ(refusal_of(blocked),
            "cannot make the folder " + blocked.string() + ": Not a directory");
}

TEST_F(StoreOpenTest, RefusesAReadOnlyFolderAlsoAsRoot) {
  fs::permissions(folder_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_EQ(refusal(), "cannot write to " + folder_.path().string() + ": Permission denied");
  fs::permissions(folder_.path(), fs::perms::owner_all);
}

TEST_F(StoreOpenTest, RefusesAReadOnlyFileAlsoAsRoot) {
  make_store();
  fs::permissions(folder_.database(), fs::perms::owner_read);
  EXPECT_EQ(refusal(), "cannot write to " + file() + ": Permission denied");
}

TEST_F(StoreOpenTest, RefusesAFolderThatAnotherCollectorUses) {
  const auto first = SqliteStore::open(folder_.path());
  ASSERT_TRUE(first);
  EXPECT_EQ(refusal_of(folder_.path()), folder_.path().string() +
                                            " is in use by another collector (pid " +
                                            std::to_string(getpid()) + ")");
}

TEST_F(StoreOpenTest, OpensAgainOnceTheOtherCollectorIsGone) {
  make_store();
  EXPECT_TRUE(SqliteStore::open(folder_.path()));
}

TEST_F(StoreOpenTest, OpensAfterACrashWithAllThatWasCommitted) {
  const pid_t child = fork();
  if (child == 0) {
    auto store = SqliteStore::open(folder_.path());
    const bool stored = store && create(**store, test_with("t1", {kNewYork})) &&
                        append(**store, batch_of(kNewYork, {{1, finished("t1")}}));
    _exit(stored ? 0 : 1);  // no destructor runs: the log is left as it is
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_GT(fs::file_size(file() + "-wal"), 0U);
  const auto store = SqliteStore::open(folder_.path());
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->load_test("t1").value().value().cities[0].received, finished("t1"));
  EXPECT_EQ((*store)->cursor(kNewYork.id, 7).value(), 1U);
}

// Regression: the file was looked at without its log. A kill in the middle of a checkpoint, or a
// disk that was full then, left a file that says it has more pages than are there yet, and a
// collector that never started again.
TEST_F(StoreOpenTest, OpensAfterACheckpointThatWasCutShort) {
  make_store();
  {
    auto database = Database::open(folder_.database(), Database::Access::kReadWrite);
    database->set_checkpoint_on_close(false);
    ASSERT_TRUE(
        database->execute("INSERT INTO test (id, url, created_at_us, deadline_at_us) "
                          "VALUES ('t1', hex(zeroblob(100000)), 1, 2)"));
  }
  // Of the log, which is a header and pages with one each, a checkpoint writes page 1 first.
  constexpr std::size_t kPage = 8192;
  constexpr std::size_t kLogHeader = 32;
  constexpr std::size_t kFrameHeader = 24;
  const std::string log = read_file(file() + "-wal");
  std::string first_page;
  for (std::size_t at = kLogHeader; at < log.size(); at += kFrameHeader + kPage) {
    if (log.substr(at, 4) == std::string("\0\0\0\1", 4)) {
      first_page = log.substr(at + kFrameHeader, kPage);
    }
  }
  ASSERT_EQ(first_page.size(), kPage);
  write_file(folder_.database(), read_file(folder_.database()).replace(0, kPage, first_page));

  const auto store = SqliteStore::open(folder_.path());
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ((*store)->unfinished_tests(system_clock().wall()).value().size(), 0U);
}

}  // namespace
}  // namespace firstbyte::collector::store_test
