#include "agent/spool/dictionaries.h"

#include "agent/spool/packing.h"

namespace firstbyte::agent {
namespace {

// Enough to hold what is common to results.
constexpr std::uint64_t kFirstAfter = 16;
// 14 KiB a thousand results are 14 bytes each.
constexpr std::uint64_t kRenewAfter = 1024;

}  // namespace

Expected<> Dictionaries::load() {
  const Expected<std::int64_t> last = database_.number("SELECT ifnull(max(id), 0) FROM dictionary");
  if (!last) return std::unexpected(last.error());
  current_ = *last;
  if (current_ == 0) return {};
  if (auto done = read(current_); !done) return done;
  bytes_ = recent_ = read_bytes_;
  return {};
}

Expected<> Dictionaries::read(std::int64_t id) {
  auto rows = select_.query(id);
  if (!rows) return std::unexpected(std::move(rows.error()));
  const auto found = rows->next();
  if (!found) return std::unexpected(found.error());
  if (!*found) return fatal("a dictionary that results need is not in the spool");
  read_bytes_ = rows->take<std::string>();
  read_ = id;
  return {};
}

std::string Dictionaries::pack(std::string_view raw) {
  if (raw.size() <= kMaxDictionaryBytes) {
    recent_ += raw;
    if (recent_.size() > kMaxDictionaryBytes)
      recent_.erase(0, recent_.size() - kMaxDictionaryBytes);
  }
  ++packed_;
  return agent::pack(raw, bytes_);
}

Expected<std::string> Dictionaries::unpack(std::string_view packed, std::size_t size,
                                           std::int64_t id) {
  if (id == 0) return agent::unpack(packed, size, {});
  if (id == current_) return agent::unpack(packed, size, bytes_);
  if (id != read_) {
    if (auto done = read(id); !done) return std::unexpected(std::move(done.error()));
  }
  return agent::unpack(packed, size, read_bytes_);
}

Expected<> Dictionaries::tend() {
  const bool due = packed_ >= (current_ == 0 ? kFirstAfter : kRenewAfter);
  if (!due || recent_.empty()) return {};
  if (auto done = insert_.run(current_ + 1, recent_); !done) return done;
  next_ = recent_;
  return drop_.run();
}

void Dictionaries::committed() {
  if (next_.empty()) return;
  ++current_;
  bytes_ = std::exchange(next_, {});
  packed_ = 0;
}

}  // namespace firstbyte::agent
