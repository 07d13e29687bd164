// The one thread that writes, and its group commit: whatever has queued up while one group was
// being synced to disk becomes the next group, in one transaction; very many become several. So a
// lone write is committed at once, and a hundred at a time cost one sync.
//
// Each write stands in a savepoint of its own: one that is refused is undone alone. What the file
// or the disk cannot do takes the whole group down. Then its patient and lasting writes are kept
// and tried again until they can be made, with growing pauses, and all others fail at once; where
// there is nothing to keep, a write that changes nothing finds out when the disk takes some again.
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/bounded_queue.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

// Since the store was opened.
struct StoreStats {
  std::atomic<std::uint64_t> commits = 0;
  std::atomic<std::uint64_t> failed_commits = 0;  // groups of which nothing was stored
  std::atomic<std::uint64_t> operations = 0;      // writes committed
  std::atomic<std::uint64_t> results_stored = 0;
  std::atomic<std::uint64_t> duplicates_ignored = 0;
  std::atomic<std::uint64_t> gaps_recorded = 0;
  std::atomic<std::uint64_t> results_lost = 0;  // in those gaps
};

class SqliteWriter {
 public:
  struct Options {
    // Two batches of each of four thousand agents: who is turned away has to connect again. So many
    // are kept at most while the disk takes none, too.
    std::size_t queue_capacity = 8192;
    // Of results in the queue and among what is kept: a batch of fifty, about 200 kB in memory, of
    // each of more than a thousand agents. While the disk takes nothing, who comes beyond it is
    // turned away, and still has them, on its own disk. While it takes some, nobody is: above half
    // of this the writer is crowded, and agents are to wait.
    std::size_t max_waiting_bytes = 256 * 1024 * 1024;
    // Pauses between attempts grow from the first to the longest.
    std::chrono::milliseconds first_retry{100};
    std::chrono::milliseconds longest_retry{2'000};
    // Called on the writer's thread after each commit with what it took, from BEGIN on.
    std::function<void(double seconds)> on_commit;
  };

  // `database` and `stats` outlive this; `file` is what the sentences call the database.
  SqliteWriter(Database& database, std::string file, StoreStats& stats, Options options);
  // Finishes what is queued; what the disk does not take even then fails.
  ~SqliteWriter();

  SqliteWriter(const SqliteWriter&) = delete;
  SqliteWriter& operator=(const SqliteWriter&) = delete;

  // Runs `work` in a group, on the writer's thread. After the commit, `done` gets its value, on the
  // same thread and in the order of submission; if nothing was stored, the Error: kInvalid when the
  // work itself was refused, kTransient otherwise. When the queue is full, `done` gets a kTransient
  // Error at once, on the caller's thread. Neither may throw.
  template <typename T>
  void submit(std::function<Expected<T>()> work, std::function<void(Expected<T>)> done) {
    push(std::move(work), std::move(done), Patience::kNone, 0);
  }
  // The same, and waits while the disk takes nothing: `work` may run several times. `bytes` is
  // about what it holds of memory. `done` gets kTransient only when too much waits already and the
  // disk takes nothing, when the queue is full, or when the writer ends first.
  template <typename T>
  void submit_patient(std::function<Expected<T>()> work, std::function<void(Expected<T>)> done,
                      std::size_t bytes) {
    push(std::move(work), std::move(done), Patience::kWaits, bytes);
  }
  // Waits as well, but `done` does not: it gets kTransient as soon as the disk takes nothing, and
  // then hears no more of it.
  template <typename T>
  void submit_lasting(std::function<Expected<T>()> work, std::function<void(Expected<T>)> done) {
    push(std::move(work), std::move(done), Patience::kTellsAndWaits, 0);
  }

  // Why the last group was not stored; absent when it was.
  std::optional<std::string> write_error() const EXCLUDES(mutex_);
  // More than half of the bytes that may wait do.
  bool crowded() const { return waiting_bytes_ > options_.max_waiting_bytes / 2; }

 private:
  // Memory that is spoken for while this lives.
  class Reservation {
   public:
    Reservation(std::atomic<std::size_t>& total, std::size_t bytes) : total_(total), bytes_(bytes) {
      total_ += bytes_;
    }
    ~Reservation() { total_ -= bytes_; }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;
    std::size_t bytes() const { return bytes_; }

   private:
    std::atomic<std::size_t>& total_;
    const std::size_t bytes_;
  };

  // While the disk takes nothing.
  enum class Patience : std::uint8_t { kNone, kWaits, kTellsAndWaits };

  class Operation {
   public:
    virtual ~Operation() = default;
    virtual Expected<> run() = 0;
    virtual void finish() = 0;
    virtual void fail(Error error) = 0;
    // The disk takes nothing: false when this failed with it, and does not wait.
    virtual bool outlasts(const Error& trouble) = 0;
    virtual std::size_t bytes() const = 0;
  };

  template <typename T>
  class Write : public Operation {
   public:
    Write(std::function<Expected<T>()> work, std::function<void(Expected<T>)> done,
          Patience patience, std::atomic<std::size_t>& total, std::size_t bytes)
        : work_(std::move(work)),
          done_(std::move(done)),
          patience_(patience),
          memory_(total, bytes) {}

    Expected<> run() override {
      outcome_ = work_();
      if (!outcome_) return std::unexpected(outcome_.error());
      return {};
    }
    void finish() override { tell(std::move(outcome_)); }
    void fail(Error error) override { tell(std::unexpected(std::move(error))); }
    bool outlasts(const Error& trouble) override {
      if (patience_ != Patience::kWaits) fail(trouble);
      return patience_ != Patience::kNone;
    }
    std::size_t bytes() const override { return memory_.bytes(); }

   private:
    void tell(Expected<T> outcome) {
      if (const auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
    }

    std::function<Expected<T>()> work_;
    std::function<void(Expected<T>)> done_;  // until it was called
    Expected<T> outcome_;
    const Patience patience_;
    const Reservation memory_;
  };

  using Group = std::deque<std::unique_ptr<Operation>>;

  template <typename T>
  void push(std::function<Expected<T>()> work, std::function<void(Expected<T>)> done,
            Patience patience, std::size_t bytes) {
    push(std::make_unique<Write<T>>(std::move(work), std::move(done), patience, waiting_bytes_,
                                    bytes));
  }
  void push(std::unique_ptr<Operation> operation);
  Error overfull(std::string what) const;
  Error too_many() const;
  void run();
  // False when the disk did not take it; then those of its writes that wait are kept.
  bool commit(Group& group);
  void keep(Group& group);
  // Until the disk takes writes again; false when the writer is to end.
  bool wait_for_disk();
  // The oldest of what is kept, or a write that changes nothing; false when the disk did not take
  // it.
  bool retry();
  // At the end: what the disk takes of it, and the rest fails. False.
  bool finish_kept();
  // Between BEGIN and COMMIT; the number of operations that were not refused.
  Expected<std::uint64_t> apply(Group& group);
  Expected<bool> apply(Operation& operation);
  // Writes a page, even when its content stays the same.
  Expected<> touch();
  void set_write_error(std::optional<std::string> sentence) EXCLUDES(mutex_);

  // Constant after construction.
  Database& database_;
  const std::string file_;
  StoreStats& stats_;
  const Options options_;

  std::atomic<std::size_t> waiting_bytes_ = 0;  // of what is in the next and what is kept
  BoundedQueue<std::unique_ptr<Operation>> queue_;
  mutable Mutex mutex_;
  std::optional<std::string> write_error_ GUARDED_BY(mutex_);

  // The writer's thread alone touches these.
  Statement begin_{database_, "BEGIN IMMEDIATE"};
  Statement commit_{database_, "COMMIT"};
  Statement savepoint_{database_, "SAVEPOINT operation"};
  Statement release_{database_, "RELEASE operation"};
  Statement undo_{database_, "ROLLBACK TO operation"};
  Group kept_;

  std::thread thread_;  // last: it starts when all else is there
};

}  // namespace firstbyte::collector
