// The file in the data folder that says who may talk to the collector: `access.db`. The running
// collector and its command line share it; what one commits the other sees with its next question,
// and changed() tells that there is something new. Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "collector/store/migrations.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/sqlite.h"

namespace firstbyte::collector {

// The files of schema/access, embedded at build time.
std::span<const Migration> access_migrations();

class AccessDatabase {
 public:
  // For the collector: makes the file (mode 0600) or brings it to the present schema. Hold the
  // folder's lock (common/folder_lock.h). All errors are kFatal and name "--data-dir".
  static Expected<std::unique_ptr<AccessDatabase>> open(const std::filesystem::path& folder);
  // For the command line, also beside a running collector: takes part in a file that is there and
  // at this binary's schema, and changes nothing of either.
  static Expected<std::unique_ptr<AccessDatabase>> attach(const std::filesystem::path& folder);

  // Whether another process has committed since the last call.
  bool changed() EXCLUDES(mutex_);

  // `work` gets the Database and gives an Expected; one thread at a time.
  template <typename Work>
  auto read(Work&& work) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return std::forward<Work>(work)(database_);
  }

  // As one transaction: durable when this returns a value, and undone when `work` gives an Error.
  template <typename Work>
  std::invoke_result_t<Work, Database&> write(Work&& work) EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    // At once for writing, so that nothing that `work` has looked at can change before it acts.
    if (auto begun = database_.execute("BEGIN IMMEDIATE"); !begun) return failed(begun.error());
    auto result = std::forward<Work>(work)(database_);
    if (!result) {
      roll_back();
      return result;
    }
    if (auto done = database_.execute("COMMIT"); !done) {
      roll_back();
      return failed(done.error());
    }
    return result;
  }

  // What the running collector has left for its command line; absent before its first start.
  Expected<std::optional<std::string>> setting(std::string_view name);
  Expected<> set_setting(std::string_view name, std::string_view value);

 private:
  AccessDatabase(Database database, std::filesystem::path file)
      : file_(std::move(file)), database_(std::move(database)) {}
  void roll_back() REQUIRES(mutex_);
  // The same with the file's name.
  std::unexpected<Error> failed(const Error& error) const;

  const std::filesystem::path file_;
  Mutex mutex_;
  Database database_ GUARDED_BY(mutex_);
  std::int64_t data_version_ GUARDED_BY(mutex_) = 0;
};

}  // namespace firstbyte::collector
