#include "collector/store/migrations.h"

#include <fmt/format.h>

namespace firstbyte::collector {
namespace {

Expected<> apply(Database& database, const Migration& step) {
  const std::string transaction = fmt::format(
      "BEGIN IMMEDIATE;\n{}\nPRAGMA user_version = {};\nCOMMIT", step.sql, step.version);
  auto applied = database.execute(transaction);
  if (!applied && database.in_transaction()) (void)database.execute("ROLLBACK");
  return applied;
}

}  // namespace

Expected<> check_version(std::int64_t version, std::span<const Migration> steps,
                         const std::filesystem::path& file) {
  const int last = steps.empty() ? 0 : steps.back().version;
  if (version <= last) return {};
  return fatal(fmt::format("{} has schema {}, newer than this binary's {}; use a newer "
                           "firstbyte-collector",
                           file.string(), version, last),
               "--data-dir");
}

Expected<> migrate(Database& database, std::span<const Migration> steps,
                   const std::filesystem::path& file) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) {
    return fatal(fmt::format("cannot read {}: {}", file.string(), version.error().message),
                 "--data-dir");
  }
  if (auto checked = check_version(*version, steps, file); !checked) return checked;
  for (const Migration& step : steps) {
    if (step.version <= *version) continue;
    if (auto applied = apply(database, step); !applied) {
      return fatal(fmt::format("cannot bring {} to schema {}: {}", file.string(), step.name,
                               applied.error().message),
                   "--data-dir");
    }
  }
  return {};
}

}  // namespace firstbyte::collector
