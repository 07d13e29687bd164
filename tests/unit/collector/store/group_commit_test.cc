// The writer: groups, refusals within them, full queues, full disks.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "tests/fakes/collector_wait.h"
#include "tests/unit/collector/store/store_fixture.h"

namespace firstbyte::collector::store_test {
namespace {

using fakes::eventually;
using testing::ElementsAre;
using testing::HasSubstr;

// Keeps the writer's thread in a callback, so that what is submitted meanwhile becomes one group.
class Pause {
 public:
  explicit Pause(Store& store) {
    store.record_agent(kNewYork, "pause", at(1), [this](const Expected<>&) {
      reached_.set_value();
      released_.get_future().wait();
    });
    reached_.get_future().wait();
  }
  ~Pause() { release(); }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

  void release() {
    if (!std::exchange(done_, true)) released_.set_value();
  }

 private:
  bool done_ = false;
  std::promise<void> reached_;
  std::promise<void> released_;
};

// No file of this process may grow beyond `bytes` while this lives: a full disk, for SQLite.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

class StoreGroupCommitTest : public StoreTest {
 protected:
  FileSizeLimit fill_disk() {
    return FileSizeLimit(std::filesystem::file_size(folder_.database().string() + "-wal") + 10'000);
  }

  // Both larger than what fill_disk() leaves.
  firstbyte::collector::Test large_test() {
    firstbyte::collector::Test test = test_with("large", {});
    test.target.body = std::string(40'000, 'x');
    return test;
  }
  ResultBatch large_batch(const std::string& test_id = "t1") {
    ResultBatch batch = batch_of(kNewYork, {});
    for (std::uint64_t i = 1; i <= 200; ++i) batch.results.push_back({i, finished(test_id)});
    return batch;
  }
};

TEST_F(StoreGroupCommitTest, WritesThatWaitTogetherAreCommittedTogether) {
  Pause pause(*store_);
  const auto commits = store_->stats().commits.load();
  std::promise<void> last;
  for (int i = 0; i < 99; ++i) {
    store_->create_test(test_with(std::to_string(i), {kNewYork}), [](const Expected<>&) {});
  }
  store_->create_test(test_with("last", {}), [&](const Expected<>&) { last.set_value(); });
  pause.release();
  last.get_future().wait();
  EXPECT_EQ(store_->stats().commits, commits + 1);
  EXPECT_EQ(store_->stats().operations, 101U);
}

TEST_F(StoreGroupCommitTest, VeryManyThatWaitAreCommittedInSeveralGroups) {
  Pause pause(*store_);
  const auto commits = store_->stats().commits.load();
  std::promise<void> last;
  for (int i = 0; i < 299; ++i) {
    store_->create_test(test_with(std::to_string(i), {kNewYork}), [](const Expected<>&) {});
  }
  store_->create_test(test_with("last", {}), [&](const Expected<>&) { last.set_value(); });
  pause.release();
  last.get_future().wait();
  EXPECT_EQ(store_->stats().commits, commits + 3);
  EXPECT_EQ(number("SELECT count(*) FROM test"), 300);
}

TEST_F(StoreGroupCommitTest, CallbacksComeInTheOrderOfTheWrites) {
  Pause pause(*store_);
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    store_->create_test(test_with(std::to_string(i), {}),
                        [&, i](const Expected<>&) { order.push_back(i); });
  }
  pause.release();
  close();
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST_F(StoreGroupCommitTest, ARefusedWriteLeavesItsNeighboursAlone) {
  Pause pause(*store_);
  std::vector<bool> stored;
  for (const char* id : {"a", "a", "b"}) {
    store_->create_test(test_with(id, {kNewYork}),
                        [&](const Expected<>& done) { stored.push_back(done.has_value()); });
  }
  pause.release();
  reopen();
  EXPECT_THAT(stored, ElementsAre(true, false, true));
  EXPECT_EQ(load("a"), test_with("a", {kNewYork}));
  EXPECT_EQ(load("b"), test_with("b", {kNewYork}));
}

TEST_F(StoreGroupCommitTest, ARefusedWriteIsNoWriteError) {
  ASSERT_TRUE(create(*store_, test_with("a", {})));
  ASSERT_FALSE(create(*store_, test_with("a", {})));
  EXPECT_EQ(store_->write_error(), std::nullopt);
  EXPECT_EQ(store_->stats().failed_commits, 0U);
}

TEST_F(StoreGroupCommitTest, ALaterWriteOfAGroupSeesTheEarlierOnes) {
  Pause pause(*store_);
  store_->create_test(test_with("t1", {kNewYork}), [](const Expected<>&) {});
  std::vector<ReceivedMeasurement> settled;
  store_->append(batch_of(kNewYork, {{1, finished("t1")}}),
                 [&](Expected<BatchCommit> commit) { settled = commit.value().settled; });
  pause.release();
  close();
  EXPECT_THAT(settled, ElementsAre(finished("t1")));
}

TEST_F(StoreGroupCommitTest, AFullQueueAnswersAtOnce) {
  close();
  open({.queue_capacity = 1, .on_commit = {}});
  Pause pause(*store_);
  store_->create_test(test_with("queued", {}), [](const Expected<>&) {});
  Expected<> refused;
  store_->create_test(test_with("refused", {}), [&](Expected<> done) { refused = done; });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::kTransient);
  EXPECT_THAT(refused.error().message, HasSubstr("1 writes wait for"));
  pause.release();
  reopen();
  EXPECT_EQ(load("queued").id, "queued");
  EXPECT_EQ(store_->load_test("refused").value(), std::nullopt);
}

// Regression: two thousand agents that caught up at once were turned away with most of their
// batches, again and again.
TEST_F(StoreGroupCommitTest, ThousandsOfAgentsMayWaitWithTwoBatchesEach) {
  Pause pause(*store_);
  int stored = 0;
  for (int i = 0; i < 2000; ++i) {
    AgentIdentity agent = kNewYork;
    agent.id = "agent-" + std::to_string(i);
    for (std::uint64_t sequence : {1, 2}) {
      store_->append(batch_of(agent, {{sequence, failed("")}}),
                     [&](const Expected<BatchCommit>& commit) { stored += commit ? 1 : 0; });
    }
  }
  pause.release();
  close();
  EXPECT_EQ(stored, 4000);
}

TEST_F(StoreGroupCommitTest, ClosingFinishesWhatIsQueued) {
  Pause pause(*store_);
  int done = 0;
  for (int i = 0; i < 50; ++i) {
    store_->create_test(test_with(std::to_string(i), {}), [&](const Expected<>&) { ++done; });
  }
  pause.release();
  reopen();
  EXPECT_EQ(done, 50);
  EXPECT_EQ(number("SELECT count(*) FROM test"), 50);
}

TEST_F(StoreGroupCommitTest, OnAFullDiskAWriteFailsForNowAndNothingOfItIsStored) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  const auto limit = fill_disk();
  const auto created = create(*store_, large_test());
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, Error::Kind::kTransient);
  EXPECT_EQ(store_->write_error(), created.error().message);
  EXPECT_THAT(created.error().message, HasSubstr("cannot write to " + folder_.database().string()));
  EXPECT_GE(store_->stats().failed_commits, 1U);
  EXPECT_EQ(store_->load_test("large").value(), std::nullopt);
  EXPECT_EQ(load("t1"), test_with("t1", {kNewYork}));
}

// Regression: the store did not find out that it can write again before somebody wrote something.
TEST_F(StoreGroupCommitTest, FindsOutByItselfWhenTheDiskHasRoomAgain) {
  {
    const auto limit = fill_disk();
    ASSERT_FALSE(create(*store_, large_test()));
    EXPECT_NE(store_->write_error(), std::nullopt);
  }
  EXPECT_TRUE(eventually([&] { return !store_->write_error(); }));
  EXPECT_TRUE(create(*store_, large_test()));
}

TEST_F(StoreGroupCommitTest, OnAFullDiskResultsWaitAndAllOtherWritesFailAtOnce) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  std::atomic<bool> stored = false;
  {
    const auto limit = fill_disk();
    store_->append(large_batch(), [&](const Expected<BatchCommit>& commit) {
      stored = commit.has_value() && commit->acknowledged == 200;
    });
    ASSERT_TRUE(eventually([&] { return store_->stats().failed_commits >= 3; }));
    const auto created = create(*store_, test_with("small", {}));
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().message, store_->write_error());
    EXPECT_FALSE(stored);
    EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 0U);
    EXPECT_EQ(load("t1"), test_with("t1", {kNewYork}));
  }
  EXPECT_TRUE(eventually([&] { return stored.load(); }));
  EXPECT_EQ(store_->write_error(), std::nullopt);
  reopen();
  EXPECT_EQ(number("SELECT count(*) FROM result"), 200);
  EXPECT_EQ(load("t1").cities[0].state, CityState::kFinished);
}

TEST_F(StoreGroupCommitTest, ResultsThatWaitKeepTheirOrder) {
  std::atomic<int> stored = 0;
  {
    const auto limit = fill_disk();
    store_->append(large_batch(), [&](const Expected<BatchCommit>&) { ++stored; });
    for (std::uint64_t i = 201; i <= 203; ++i) {
      store_->append(batch_of(kNewYork, {{i, finished("")}}), [&, i](auto commit) {
        if (commit.value().acknowledged == i) ++stored;
      });
    }
    ASSERT_TRUE(eventually([&] { return store_->write_error().has_value(); }));
  }
  EXPECT_TRUE(eventually([&] { return stored == 4; }));
  EXPECT_EQ(number("SELECT count(*) FROM gap"), 0);
}

TEST_F(StoreGroupCommitTest, MoreThanOneGroupOfResultsThatWaitIsStoredInOrder) {
  std::atomic<std::uint64_t> last = 0;
  {
    const auto limit = fill_disk();
    store_->append(large_batch(), [](const Expected<BatchCommit>&) {});
    for (std::uint64_t i = 201; i <= 300; ++i) {
      store_->append(batch_of(kNewYork, {{i, finished("")}}),
                     [&](auto commit) { last = commit.value().acknowledged; });
    }
    ASSERT_TRUE(eventually([&] { return store_->write_error().has_value(); }));
  }
  EXPECT_TRUE(eventually([&] { return last == 300; }));
  EXPECT_TRUE(create(*store_, test_with("small", {})));
  EXPECT_EQ(number("SELECT count(*) FROM gap"), 0);
}

TEST_F(StoreGroupCommitTest, OnlySoManyWait) {
  close();
  open({.queue_capacity = 2, .on_commit = {}});
  std::atomic<int> refused = 0;
  const auto limit = fill_disk();
  for (int i = 0; i < 3; ++i) {
    store_->append(large_batch(), [&](const Expected<BatchCommit>& commit) {
      if (!commit && commit.error().message.starts_with("2 writes wait for")) ++refused;
    });
    ASSERT_TRUE(eventually([&] { return store_->write_error().has_value(); }));
  }
  EXPECT_TRUE(eventually([&] { return refused == 1; }));
}

// Regression: what found no room to wait was a gap as soon as the disk took the next batch.
TEST_F(StoreGroupCommitTest, WhatFindsNoRoomToWaitIsNotSteppedOver) {
  close();
  open({.queue_capacity = 1, .on_commit = {}});
  std::atomic<int> refused = 0;
  std::atomic<bool> stored = false;
  const auto following = [](std::uint64_t sequence) {
    ResultBatch batch = batch_of(kNewYork, {{sequence, finished("")}});
    batch.follows = sequence - 1;
    return batch;
  };
  {
    const auto limit = fill_disk();
    store_->append(large_batch(),
                   [&](const Expected<BatchCommit>& commit) { stored = commit.has_value(); });
    ASSERT_TRUE(eventually([&] { return store_->write_error().has_value(); }));
    store_->append(following(201), [&](const Expected<BatchCommit>& commit) {
      if (!commit && commit.error().kind == Error::Kind::kTransient) ++refused;
    });
    ASSERT_TRUE(eventually([&] { return refused == 1; }));
  }
  ASSERT_TRUE(eventually([&] { return stored.load(); }));
  EXPECT_FALSE(append(*store_, following(202)));
  EXPECT_EQ(store_->cursor(kNewYork.id, 7).value(), 200U);
  EXPECT_EQ(number("SELECT count(*) FROM gap"), 0);
  EXPECT_TRUE(append(*store_, following(201)));
  EXPECT_TRUE(append(*store_, following(202)));
}

// Regression: only their number was bounded, and each may be 8 MiB.
TEST_F(StoreGroupCommitTest, OnlySoManyBytesOfResultsWait) {
  close();
  open({.max_waiting_bytes = 2'000'000, .on_commit = {}});
  std::atomic<int> stored = 0;
  std::atomic<int> refused = 0;
  int kept = 0;
  {
    const auto limit = fill_disk();
    for (; refused == 0; ++kept) {
      ASSERT_LT(kept, 100);
      ASSERT_TRUE(kept == 0 || eventually([&] { return store_->write_error().has_value(); }));
      store_->append(large_batch(), [&](const Expected<BatchCommit>& commit) {
        if (commit) ++stored;
        if (!commit && commit.error().message.starts_with("2000000 bytes of results wait for")) {
          ++refused;
        }
      });
    }
    --kept;
    // 200 results of at least 700 bytes each.
    EXPECT_GT(kept, 1);
    EXPECT_LE(kept, 2'000'000 / (200 * 700));
  }
  EXPECT_TRUE(eventually([&] { return stored == kept; }));
  EXPECT_TRUE(append(*store_, large_batch()));
}

// Regression: hundreds of agents that came back with backlogs were turned away, though the disk
// was well and they had only to wait.
TEST_F(StoreGroupCommitTest, WhileTheDiskIsWellNobodyIsTurnedAwayForBytes) {
  close();
  open({.max_waiting_bytes = 1'000'000, .on_commit = {}});
  Pause pause(*store_);
  EXPECT_FALSE(store_->crowded());
  std::atomic<int> stored = 0;
  std::atomic<int> turned_away = 0;
  for (int i = 0; i < 20; ++i) {
    store_->append(large_batch(),
                   [&](const Expected<BatchCommit>& commit) { ++(commit ? stored : turned_away); });
  }
  EXPECT_TRUE(store_->crowded());
  pause.release();
  EXPECT_TRUE(eventually([&] { return stored == 20; }));
  EXPECT_EQ(turned_away, 0);
  EXPECT_TRUE(eventually([&] { return !store_->crowded(); }));
}

// Regression: an assignment counted as its fixed part alone, however much it asks for.
TEST_F(StoreGroupCommitTest, OnlySoManyBytesOfAssignmentsWait) {
  close();
  open({.max_waiting_bytes = 100'000, .on_commit = {}});
  const auto limit = fill_disk();
  ASSERT_FALSE(create(*store_, large_test()));
  Check check{.id = 1, .name = "front", .target = {.url = "https://demo.example/"}};
  check.interval = std::chrono::seconds{1};
  check.target.body = std::string(8'000, 'x');
  check.target.headers = {{"x", std::string(8'000, 'x')}};
  std::atomic<int> refused = 0;
  for (int i = 0; i < 10; ++i) {
    store_->assign(kNewYork.id, {check}, at(1), [&](const Expected<>& done) {
      if (!done) ++refused;
    });
  }
  // Six of more than 16 kB fit.
  EXPECT_EQ(refused, 4);
  close();
}

// Regression: when the disk was full, the end of a city was told and forgotten, and whatever came
// hours later ended it again.
TEST_F(StoreGroupCommitTest, OnAFullDiskTheEndOfACityIsToldAtOnceAndStoredLater) {
  ASSERT_TRUE(create(*store_, test_with("t1", {kNewYork})));
  std::atomic<int> told = 0;
  {
    const auto limit = fill_disk();
    store_->append(large_batch("other"), [](const Expected<BatchCommit>&) {});
    ASSERT_TRUE(eventually([&] { return store_->write_error().has_value(); }));
    store_->settle({"t1", kNewYork.id, CityState::kTimedOut, Micros{12'000'000}},
                   [&](const Expected<bool>& first) {
                     if (!first && first.error().kind == Error::Kind::kTransient) ++told;
                   });
    EXPECT_TRUE(eventually([&] { return told == 1; }));
  }
  ASSERT_TRUE(eventually([&] { return !store_->write_error(); }));
  ASSERT_TRUE(append(*store_, batch_of(kNewYork, {{300, finished("t1")}})));
  EXPECT_EQ(told, 1);
  const TestCity city = load("t1").cities[0];
  EXPECT_EQ(city.state, CityState::kTimedOut);
  EXPECT_EQ(city.elapsed, Micros{12'000'000});
  EXPECT_TRUE(city.late);
}

// Regression: a clock's step that was noticed while the disk was full was never recorded.
TEST_F(StoreGroupCommitTest, OnAFullDiskAClocksStepIsToldAtOnceAndStoredLater) {
  ASSERT_TRUE(record(*store_, kNewYork, "0.1.0", at(5)));
  const ClockStep step{at(9), Micros{5'000'000}, Micros{40}};
  std::atomic<int> told = 0;
  {
    const auto limit = fill_disk();
    store_->append(large_batch("other"), [](const Expected<BatchCommit>&) {});
    ASSERT_TRUE(eventually([&] { return store_->write_error().has_value(); }));
    store_->record_clock_step(kNewYork.id, step, [&](const Expected<>& done) {
      if (!done && done.error().kind == Error::Kind::kTransient) ++told;
    });
    EXPECT_TRUE(eventually([&] { return told == 1; }));
  }
  EXPECT_TRUE(eventually(
      [&] { return store_->agents().value().at(0).clock_steps == std::vector<ClockStep>{step}; }));
  EXPECT_EQ(told, 1);
}

TEST_F(StoreGroupCommitTest, WhatStillWaitsWhenTheStoreClosesFails) {
  const auto limit = fill_disk();
  std::vector<Error::Kind> kinds;
  store_->append(large_batch(),
                 [&](Expected<BatchCommit> done) { kinds.push_back(done.error().kind); });
  close();
  EXPECT_THAT(kinds, ElementsAre(Error::Kind::kTransient));
}

TEST_F(StoreGroupCommitTest, ManyThreadsLoseNothing) {
  constexpr int kThreads = 8;
  constexpr std::uint64_t kBatches = 25;
  std::atomic<int> committed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        AgentIdentity agent = kNewYork;
        agent.id = "agent-" + std::to_string(t);
        for (std::uint64_t i = 1; i <= kBatches; ++i) {
          const auto commit = append(*store_, batch_of(agent, {{i, finished("")}}));
          if (commit && commit->acknowledged == i) ++committed;
          (void)store_->cursor(agent.id, 7);
        }
      });
    }
  }
  EXPECT_EQ(committed, kThreads * static_cast<int>(kBatches));
  EXPECT_EQ(number("SELECT count(*) FROM result"), kThreads * static_cast<int>(kBatches));
  EXPECT_EQ(store_->stats().results_stored, kThreads * kBatches);
}

TEST_F(StoreGroupCommitTest, TellsHowLongEachCommitTook) {
  close();
  std::vector<double> seconds;
  open({.queue_capacity = 8, .on_commit = [&](double took) { seconds.push_back(took); }});
  ASSERT_TRUE(create(*store_, test_with("a", {})));
  close();
  ASSERT_EQ(seconds.size(), 1U);
  EXPECT_GT(seconds[0], 0);
}

TEST_F(StoreGroupCommitTest, ACommitIsReadableWhenItsCallbackRuns) {
  std::promise<bool> found;
  store_->create_test(test_with("a", {}), [&](const Expected<>&) {
    found.set_value(store_->load_test("a").value().has_value());
  });
  EXPECT_TRUE(found.get_future().get());
}

}  // namespace
}  // namespace firstbyte::collector::store_test
