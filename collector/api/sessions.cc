#include "collector/api/sessions.h"

#include <algorithm>
#include <utility>

#include "collector/access/secret.h"

namespace firstbyte::collector {
namespace {

constexpr std::string_view kPrefix = "fbs_";

}  // namespace

Expected<std::string> Sessions::open(std::string token) {
  const Expected<Secret> secret = make_secret(kPrefix);
  if (!secret) return std::unexpected(secret.error());
  const MonotonicTime now = clock_.now();
  MutexLock lock(mutex_);
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.ends <= now; });
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(std::ranges::min_element(sessions_, {},
                                             [](const auto& entry) { return entry.second.ends; }));
  }
  sessions_.insert_or_assign(secret->id, Session{secret->hash, std::move(token), now + kLifetime});
  return secret->text;
}

std::optional<std::string> Sessions::find(std::string_view session) const {
  const std::optional<Secret> given = parse_secret(kPrefix, session);
  if (!given) return std::nullopt;
  MutexLock lock(mutex_);
  const auto found = sessions_.find(given->id);
  if (found == sessions_.end() || found->second.ends <= clock_.now()) return std::nullopt;
  if (!same_hash(found->second.hash, given->hash)) return std::nullopt;
  return found->second.token;
}

void Sessions::close(std::string_view session) {
  if (!find(session)) return;
  MutexLock lock(mutex_);
  sessions_.erase(parse_secret(kPrefix, session)->id);
}

}  // namespace firstbyte::collector
