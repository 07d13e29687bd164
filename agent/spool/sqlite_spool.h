// Results between being measured and being known to be committed by the collector, on disk. They
// are numbered from 1 without holes within a boot, and nobody sees one that is not durable yet:
// what may be sent survives this process. A writer thread commits whatever has gathered in one
// transaction.
//
// When the disk takes nothing, results wait in memory, bounded; the oldest that find no room there
// become a gap. A file that turns out to be broken while it is used is put aside for a new one.
// Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "agent/spool/age_clock.h"
#include "agent/spool/spool_file.h"
#include "common/clock.h"
#include "common/delivery.h"
#include "common/mutex.h"

namespace firstbyte::agent {

class SqliteSpool {
 public:
  struct Options {
    std::filesystem::path file{};  // empty: in memory, gone with the process
    SpoolFile::Bounds bounds{};
    // Of results that wait to be written, in memory.
    std::size_t max_waiting_bytes = 4 * 1024 * 1024;
  };

  // The clock must outlive it. Where nothing can be opened or made for now, as on a full disk, it
  // is tried again until it can, and results wait meanwhile. The Error names "--data-dir": the
  // folder is not there, or it or the file may not be written.
  static Expected<std::unique_ptr<SqliteSpool>> open(Options options, const Clock& clock);
  // Writes what waits, once.
  ~SqliteSpool();
  SqliteSpool(const SqliteSpool&) = delete;
  SqliteSpool& operator=(const SqliteSpool&) = delete;

  // Never waits for the disk.
  void append(Measurement measurement) EXCLUDES(mutex_);
  // Whether all that was appended is durable, waiting for that so long.
  bool flush(std::chrono::milliseconds patience) EXCLUDES(mutex_);
  // Called by the writer thread when there is something new: records, another boot, a failure or
  // its end. Once this returns, the callback before it is no longer running.
  void on_change(std::function<void()> changed) EXCLUDES(listener_mutex_);

  // Its name; 0 while nothing could be opened yet, and nothing is durable. All that follows is of
  // this boot, and nothing of any other.
  std::uint64_t boot() const EXCLUDES(mutex_);
  // The last that was ever given and is durable.
  std::uint64_t last_sequence(std::uint64_t boot) const EXCLUDES(mutex_);
  // The last that was ever given, or will be to what was appended until now; perhaps a few more.
  std::uint64_t last_measured(std::uint64_t boot) const EXCLUDES(mutex_);
  // The last that a collector can know of: that was given before this process, or that after() or
  // next_ordered() told.
  std::uint64_t may_have_left(std::uint64_t boot) const EXCLUDES(mutex_);
  // As SpoolFile::after(); it may wait for the disk.
  std::vector<SpooledRecord> after(std::uint64_t boot, std::uint64_t sequence, std::size_t most,
                                   std::size_t most_bytes) EXCLUDES(mutex_) EXCLUDES(file_mutex_);
  // As SpoolFile::told_slots(), at the start; empty when that cannot be read.
  std::map<std::uint64_t, WallTime> told_slots() EXCLUDES(file_mutex_);
  // The first durable result of a test that is numbered after `sequence` and not acknowledged; of
  // those that become durable in this process, and the latest of them if they are many. It may wait
  // for the disk.
  std::optional<SpooledRecord> next_ordered(std::uint64_t boot, std::uint64_t sequence)
      EXCLUDES(mutex_) EXCLUDES(file_mutex_);
  // Whether there is one, without waiting.
  bool has_ordered(std::uint64_t boot, std::uint64_t sequence) const EXCLUDES(mutex_);
  // The collector has committed everything up to `sequence`: it goes with the next transaction, or
  // within a second.
  void acknowledge(std::uint64_t boot, std::uint64_t sequence) EXCLUDES(mutex_);
  // The collector knows more of this boot than was ever given: an older copy of the spool has been
  // put in its place. Another boot, so that no number is used twice; what was sent, and is up to
  // what the collector has `committed`, is gone.
  void renew(std::uint64_t boot, std::uint64_t committed) EXCLUDES(mutex_);

  SpoolStatus status() const EXCLUDES(mutex_);
  // Nothing waits, and all of it is acknowledged.
  bool is_empty() const EXCLUDES(mutex_);

 private:
  // What the writer has taken and not written yet.
  struct Batch {
    std::uint64_t overflowed = 0;
    std::vector<EncodedResult> results;
    std::size_t size() const { return results.size(); }
  };

  SqliteSpool(Options options, const Clock& clock);

  Expected<> begin() EXCLUDES(mutex_) EXCLUDES(file_mutex_);
  void run() EXCLUDES(mutex_) EXCLUDES(file_mutex_);
  // False when there is nothing more to do, ever.
  bool wait_for_work() EXCLUDES(mutex_);
  Batch take() EXCLUDES(mutex_);
  Expected<> write(const Batch& batch) EXCLUDES(mutex_) EXCLUDES(file_mutex_);
  // Takes the file that is there, or makes one.
  Expected<> take_file() REQUIRES(file_mutex_) EXCLUDES(mutex_);
  // What has to be done to the file before something is written.
  Expected<> prepare() REQUIRES(file_mutex_) EXCLUDES(mutex_);
  // Puts another file in the place of one that is broken.
  Expected<> replace(const std::string& why) REQUIRES(file_mutex_) EXCLUDES(mutex_);
  void publish() REQUIRES(file_mutex_) EXCLUDES(mutex_);
  // Those of tests among results that have just become durable, the last of all.
  void note_ordered(const std::vector<EncodedResult>& results) REQUIRES(file_mutex_)
      EXCLUDES(mutex_);
  std::vector<SpooledRecord> read(std::uint64_t boot, std::uint64_t sequence, std::size_t most,
                                  std::size_t most_bytes) REQUIRES(file_mutex_) EXCLUDES(mutex_);
  // Of what is spooled, and of these results, which are about to be.
  WallTime age_now(const std::vector<EncodedResult>& results) REQUIRES(file_mutex_)
      EXCLUDES(mutex_);
  void note_failure(const Error& error) EXCLUDES(mutex_);
  void tell_change() EXCLUDES(listener_mutex_);
  std::uint64_t unacknowledged() const REQUIRES(mutex_);

  // Constant after construction.
  const Options options_;
  const Clock& clock_;

  Mutex file_mutex_;  // held while the disk works; taken before mutex_
  std::unique_ptr<SpoolFile> file_ GUARDED_BY(file_mutex_);  // null while there is none
  AgeClock age_clock_ GUARDED_BY(file_mutex_);

  mutable Mutex mutex_;
  CondVar work_;
  CondVar idle_;
  std::deque<Measurement> waiting_ GUARDED_BY(mutex_);
  std::size_t waiting_bytes_ GUARDED_BY(mutex_) = 0;
  std::uint64_t overflowed_ GUARDED_BY(mutex_) = 0;       // were before all that waits
  std::deque<std::uint64_t> ordered_ GUARDED_BY(mutex_);  // of tests, durable, not acknowledged
  std::size_t writing_ GUARDED_BY(mutex_) = 0;            // results that the writer has in hand
  std::uint64_t writing_lost_ GUARDED_BY(mutex_) = 0;     // and those that overflowed before them
  SpoolFile::State state_ GUARDED_BY(mutex_);             // what is durable
  std::uint64_t before_first_ GUARDED_BY(mutex_) = 0;
  std::uint64_t bytes_ GUARDED_BY(mutex_) = 0;
  std::string error_ GUARDED_BY(mutex_);
  std::uint64_t acknowledged_ GUARDED_BY(mutex_) = 0;
  std::uint64_t sent_ GUARDED_BY(mutex_) = 0;
  std::uint64_t found_ GUARDED_BY(mutex_) = 0;       // the last of this boot before this process
  std::uint64_t told_ahead_ GUARDED_BY(mutex_) = 0;  // the last that next_ordered() told
  std::optional<std::uint64_t> renewing_ GUARDED_BY(mutex_);  // with what is committed
  std::string damage_ GUARDED_BY(mutex_);                     // what a reader found
  bool stopping_ GUARDED_BY(mutex_) = false;

  Mutex listener_mutex_;
  std::function<void()> changed_ GUARDED_BY(listener_mutex_);

  std::thread writer_;
};

}  // namespace firstbyte::agent
