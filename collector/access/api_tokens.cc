#include "collector/access/api_tokens.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/access/secret.h"
#include "common/enum_names.h"
#include "common/utf8.h"

namespace firstbyte::collector {
namespace {

constexpr std::array<std::string_view, 3> kScopeNames{"read", "tests:run", "admin"};
// A token's use is noted once in so long, so that a request does not cost a write.
constexpr std::chrono::minutes kUseGrain{1};

Scopes parse_scopes(std::string_view text) {
  Scopes scopes;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (const auto scope = scope_from_string(text.substr(0, end))) scopes.add(*scope);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

}  // namespace

std::string_view to_string(Scope scope) { return kScopeNames.at(static_cast<std::size_t>(scope)); }

std::optional<Scope> scope_from_string(std::string_view text) {
  return find_name<Scope>(kScopeNames, text);
}

bool Scopes::allow(Scope scope) const {
  return std::find(named_.begin() + static_cast<std::ptrdiff_t>(scope), named_.end(), true) !=
         named_.end();
}

std::string to_string(const Scopes& scopes) {
  std::string text;
  for (std::size_t i = 0; i < scopes.named_.size(); ++i) {
    if (!scopes.named_.at(i)) continue;
    if (!text.empty()) text += ' ';
    text += kScopeNames.at(i);
  }
  return text;
}

Expected<ApiTokens::Created> ApiTokens::create(std::string_view name, Scopes scopes,
                                               std::optional<WallTime> expires_at) {
  if (name.empty() || name.size() > 64 || !is_printable_utf8(name)) {
    return invalid("--name", "a name is 1 to 64 bytes of printable UTF-8");
  }
  if (scopes.empty()) return invalid("--scope", "a token has at least one scope");
  const Expected<Secret> secret = make_secret(kApiTokenPrefix);
  if (!secret) return std::unexpected(secret.error());
  const auto stored = database_.write([&](Database& database) -> Expected<> {
    Statement insert(database, R"(
        INSERT INTO api_token (id, name, scopes, hash, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?))");
    return insert.run(secret->id, name, to_string(scopes), secret->hash, clock_.wall(), expires_at);
  });
  if (!stored) return std::unexpected(stored.error());
  return Created{secret->id, secret->text};
}

Expected<std::vector<ApiToken>> ApiTokens::list() {
  return database_.read([&](Database& database) -> Expected<std::vector<ApiToken>> {
    Statement all(database, R"(
        SELECT id, name, scopes, created_at, expires_at, revoked_at, last_used_at
        FROM api_token ORDER BY created_at, id)");
    auto rows = all.query();
    if (!rows) return std::unexpected(rows.error());
    std::vector<ApiToken> tokens;
    while (true) {
      const auto row = rows->next();
      if (!row) return std::unexpected(row.error());
      if (!*row) return tokens;
      ApiToken& token = tokens.emplace_back();
      token.id = rows->take<std::string>();
      token.name = rows->take<std::string>();
      token.scopes = parse_scopes(rows->take<std::string>());
      token.created_at = rows->take<WallTime>();
      token.expires_at = rows->take<std::optional<WallTime>>();
      token.revoked_at = rows->take<std::optional<WallTime>>();
      token.last_used_at = rows->take<std::optional<WallTime>>();
    }
  });
}

Expected<> ApiTokens::revoke(std::string_view id) {
  return database_.write([&](Database& database) -> Expected<> {
    Statement revoke(database,
                     "UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
    if (auto done = revoke.run(clock_.wall(), id); !done) return done;
    if (database.changes() == 0) {
      return invalid({}, fmt::format("there is no API token {} that could be revoked", id));
    }
    return {};
  });
}

Expected<std::optional<Principal>> ApiTokens::check(std::string_view token) {
  const std::optional<Secret> given = parse_secret(kApiTokenPrefix, token);
  if (!given) return std::nullopt;
  const WallTime now = clock_.wall();
  std::optional<WallTime> last_used;
  auto found = database_.read([&](Database& database) -> Expected<std::optional<Principal>> {
    Statement find(database, R"(
        SELECT name, scopes, hash, last_used_at FROM api_token
        WHERE id = ? AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?))");
    auto rows = find.query(given->id, now);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::nullopt;
    Principal principal{given->id, rows->take<std::string>(),
                        parse_scopes(rows->take<std::string>())};
    if (!same_hash(rows->take<std::string>(), given->hash)) return std::nullopt;
    last_used = rows->take<std::optional<WallTime>>();
    return principal;
  });
  if (!found || !*found || (last_used && now - *last_used < kUseGrain)) return found;
  const auto noted = database_.write([&](Database& database) -> Expected<> {
    Statement note(database, "UPDATE api_token SET last_used_at = ? WHERE id = ?");
    return note.run(now, given->id);
  });
  // Who asks is known all the same.
  if (!noted) spdlog::warn("the use of an API token was not noted: {}", noted.error().message);
  return found;
}

}  // namespace firstbyte::collector
