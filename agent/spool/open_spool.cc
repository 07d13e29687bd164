#include "agent/spool/open_spool.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

namespace firstbyte::agent {
namespace {

namespace fs = std::filesystem;

// The database itself, and what SQLite keeps beside it.
constexpr std::string_view kParts[] = {"", "-wal", "-journal", "-shm"};

fs::path next_of(const fs::path& file) { return file.string() + ".next"; }

// "spool.db" becomes "spool.2026-11-23T03-10-00.123456Z.db".
fs::path name_aside(const fs::path& file, WallTime now) {
  std::string time = format_rfc3339(now);
  std::ranges::replace(time, ':', '-');
  return file.parent_path() /
         fmt::format("{}.{}{}", file.stem().string(), time, file.extension().string());
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether name_aside() made it for this spool.
bool is_aside(std::string_view name, const fs::path& file) {
  constexpr std::string_view kTime = "0000-00-00T00-00-00.000000Z";
  const std::string before = file.stem().string() + ".";
  const std::string after = file.extension().string();
  if (!name.starts_with(before) || !name.ends_with(after)) return false;
  name.remove_prefix(before.size());
  name.remove_suffix(std::min(after.size(), name.size()));
  return std::ranges::equal(
      name, kTime, [](char c, char like) { return like == '0' ? is_digit(c) : c == like; });
}

// Removes the oldest, by their names; a folder that stood in the place of a spool is not ours to
// empty. What cannot be removed stays, and is tried the next time.
void remove_oldest(const fs::path& file, const fs::path& newest) {
  std::set<std::string> names;
  std::error_code error;
  std::error_code unknown;
  for (fs::directory_iterator entry(file.parent_path(), error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    for (const std::string_view part : kParts) {
      if (!part.empty() && name.ends_with(part)) name.resize(name.size() - part.size());
    }
    if (is_aside(name, file) && !entry->is_directory(unknown)) names.insert(std::move(name));
  }
  // Also when the clock has been ahead before.
  names.erase(newest.filename().string());
  while (names.size() >= kKeptAside) {
    const std::string& oldest = *names.begin();
    for (const std::string_view part : kParts) {
      fs::remove(file.parent_path() / fmt::format("{}{}", oldest, part), error);
    }
    spdlog::warn("the spool {}, put aside before, is removed: the newest {} are kept", oldest,
                 kKeptAside);
    names.erase(names.begin());
  }
}

Expected<fs::path> put_aside(const fs::path& file, WallTime now) {
  while (fs::exists(name_aside(file, now))) now += Micros{1};
  fs::path aside = name_aside(file, now);
  for (const std::string_view part : kParts) {
    const fs::path from = fmt::format("{}{}", file.string(), part);
    if (!fs::exists(from)) continue;
    std::error_code error;
    // What looking at it left beside it.
    if (!part.empty() && fs::file_size(from, error) == 0 && fs::remove(from, error)) continue;
    fs::rename(from, fmt::format("{}{}", aside.string(), part), error);
    if (error) return transient(fmt::format("cannot rename it: {}", error.message()));
  }
  remove_oldest(file, aside);
  return aside;
}

}  // namespace

Expected<std::unique_ptr<SpoolFile>> open_spool(const fs::path& file, SpoolFile::Bounds bounds,
                                                WallTime now) {
  std::error_code none;
  // Of a replacement that was interrupted.
  if (!fs::exists(file) && fs::exists(next_of(file))) {
    // The log of the one before would be played into its successor.
    if (auto rest = put_aside(file, now); !rest) return std::unexpected(rest.error());
    fs::rename(next_of(file), file, none);
  }
  if (!fs::exists(file)) {
    // Without its database a log is nothing that can be read.
    if (fs::exists(file.string() + "-wal")) return replace_spool(file, bounds, now, "it is gone");
    if (auto made = SpoolFile::create(file, {}); !made) return std::unexpected(made.error());
    return SpoolFile::open(file, bounds);
  }
  auto spool = SpoolFile::open(file, bounds);
  if (spool || spool.error().kind == Error::Kind::kTransient) return spool;
  return replace_spool(file, bounds, now, spool.error().message);
}

Expected<std::unique_ptr<SpoolFile>> replace_spool(const fs::path& file, SpoolFile::Bounds bounds,
                                                   WallTime now, std::string_view why,
                                                   std::optional<std::uint64_t> lost) {
  const SpoolFile::Heir heir{now, lost ? *lost : SpoolFile::count_lost(file)};
  // The new one first, so that there is something to put in its place.
  const fs::path next = next_of(file);
  if (auto made = SpoolFile::create(next, heir); !made) return std::unexpected(made.error());
  const Expected<fs::path> aside = put_aside(file, now);
  if (!aside) return std::unexpected(aside.error());
  std::error_code error;
  fs::rename(next, file, error);
  if (error) return transient(fmt::format("cannot rename {}: {}", next.string(), error.message()));
  spdlog::error("the spool {} cannot be used: {}; it is put aside as {}, with at least {} results",
                file.string(), why, aside->filename().string(), heir.lost);
  return SpoolFile::open(file, bounds);
}

}  // namespace firstbyte::agent
