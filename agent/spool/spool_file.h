// The database a spool is: results and gaps by sequence, and what must outlive the process. In WAL
// mode with synchronous=FULL, so what write() has done survives a power cut. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/spool/dictionaries.h"
#include "agent/spool/record.h"
#include "common/sqlite.h"

namespace firstbyte::agent {

class SpoolFile {
 public:
  static constexpr std::uint64_t kPageBytes = 4096;

  struct Bounds {
    std::uint64_t max_bytes = 64ULL << 20;  // of its files
    std::chrono::seconds max_age = std::chrono::hours{24};
  };

  // What a spool knows of itself.
  struct State {
    std::uint64_t boot = 0;           // its name: random, and never 0
    std::uint64_t last_sequence = 0;  // that was ever given
    std::uint64_t sent = 0;           // the last that may have left, as of the last write
    std::uint64_t results = 0;        // that it holds
    std::uint64_t lost = 0;           // results in gaps of this boot, delivered ones included
    std::optional<WallTime> oldest_measured_at;
    // By which ages were judged at the last write; of a spool of version 1 when its oldest was
    // measured.
    std::optional<WallTime> age_at;
    std::optional<WallTime> set_aside_at;  // of the spool whose place this one took
  };

  // What a new spool takes over from one that was put aside.
  struct Heir {
    WallTime set_aside_at{};
    std::uint64_t lost = 0;  // results and those in gaps that were in it, as far as can be known
  };

  // What one transaction does, in this order.
  struct Turn {
    std::uint64_t acknowledged = 0;  // up to here the collector has them
    std::uint64_t sent = 0;
    std::uint64_t overflowed = 0;  // results that were given up before these
    std::span<const EncodedResult> results{};
    WallTime now{};
    std::optional<WallTime> age_now{};  // by which ages are judged, if not by `now`
  };

  // A file that is complete at once: it gets its name last. The Error says what SQLite or the
  // system objects to.
  static Expected<> create(const std::filesystem::path& file, std::optional<Heir> heir);
  // An Error of kind kFatal: this is no spool that this version can read. kTransient: it cannot be
  // opened at present.
  static Expected<std::unique_ptr<SpoolFile>> open(std::filesystem::path file, Bounds bounds);
  // Gone with the process.
  static Expected<std::unique_ptr<SpoolFile>> in_memory(Bounds bounds);
  // How many results go with a spool that cannot be opened, as far as it can be read: those in it,
  // and those in gaps that were never delivered. Leaves it as it is.
  static std::uint64_t count_lost(const std::filesystem::path& file);

  // All of the turn or nothing. Bounds are kept by giving up the oldest results, in steps.
  Expected<> write(const Turn& turn);
  // What follows `sequence`, oldest first: up to so many records, and of results so many bytes, but
  // at least one record. A gap begins after `sequence` at the earliest.
  Expected<std::vector<SpooledRecord>> after(std::uint64_t sequence, std::size_t most,
                                             std::size_t most_bytes);
  // Another boot, in which what follows `sent`, or what was acknowledged, is numbered from 1; the
  // rest is gone.
  Expected<> renew(std::uint64_t sent);

  // By check: the last slot that a result told of, delivered ones included.
  Expected<std::map<std::uint64_t, WallTime>> told_slots();

  const State& state() const { return state_; }
  // All up to here has been acknowledged or was never there.
  std::uint64_t before_first() const { return before_first_; }
  // Of its files; in memory, of its pages.
  std::uint64_t bytes();

 private:
  struct Run {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
  };

  SpoolFile(Database database, std::filesystem::path file, Bounds bounds);
  Expected<> load();
  Expected<> check();
  template <typename Work>
  Expected<> in_transaction(Work work);
  Expected<> acknowledge(std::uint64_t sequence, State& next);
  Expected<> insert(const EncodedResult& result, State& next);
  Expected<> give_up_too_old(WallTime age_now, WallTime now, State& next);
  Expected<> give_up_too_many(WallTime now, State& next);
  Expected<> give_up(const Run& run, GapReason reason, WallTime now, State& next);
  // Joined to the one before it if that has the same cause.
  Expected<> record_gap(const Gap& gap);
  // The oldest results with nothing between them, up to so many, all measured before this time.
  Expected<Run> oldest(std::uint64_t most, WallTime before);
  Expected<> find_oldest(State& next);
  Expected<> find_age(std::int64_t version);
  Expected<std::uint64_t> used_pages();

  Database database_;
  const std::filesystem::path file_;  // empty: in memory
  const Bounds bounds_;
  State state_;
  std::uint64_t before_first_ = 0;
  std::optional<WallTime> age_checked_at_;

  Dictionaries dictionaries_{database_};

  Statement insert_{database_,
                    "INSERT INTO record (sequence, at, size, dictionary, bytes) "
                    "VALUES (?, ?, ?, ?, ?)"};
  Statement insert_gap_{database_,
                        "INSERT INTO record (sequence, at, first, reason) VALUES (?, ?, ?, ?)"};
  Statement tell_slot_{database_,
                       "INSERT INTO check_slot VALUES (?, ?) "
                       "ON CONFLICT DO UPDATE SET at = excluded.at"};
  Statement take_gap_{database_,
                      "DELETE FROM record WHERE sequence = ? AND reason = ? RETURNING first"};
  Statement after_{database_,
                   "SELECT sequence, at, first, reason, size, dictionary, bytes FROM record "
                   "WHERE sequence > ? ORDER BY sequence LIMIT ?"};
  Statement oldest_{database_,
                    "SELECT sequence, at, reason FROM record WHERE sequence >= "
                    "(SELECT sequence FROM record WHERE reason IS NULL ORDER BY sequence LIMIT 1) "
                    "ORDER BY sequence LIMIT ?"};
  Statement delete_results_{database_,
                            "DELETE FROM record WHERE sequence BETWEEN ? AND ? AND reason IS NULL"};
  Statement delete_gaps_{database_,
                         "DELETE FROM record WHERE sequence <= ? AND reason IS NOT NULL"};
  // Of a gap that begins before what is left, what is left.
  Statement renumber_{database_,
                      "UPDATE record SET sequence = sequence - ?, first = max(1, first - ?)"};
  Statement save_{database_,
                  "UPDATE spool SET boot = ?, last_sequence = ?, sent = ?, lost = ?,"
                  " age_at = ?"};
  Statement page_count_{database_, "PRAGMA page_count"};
  Statement free_pages_{database_, "PRAGMA freelist_count"};
};

}  // namespace firstbyte::agent
