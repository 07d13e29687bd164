// Tokens by which people and programs say who they are over HTTP. Thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/access/access_database.h"
#include "common/clock.h"
#include "common/error.h"

namespace firstbyte::collector {

// What a token may be used for. Each includes those before it, since who may start a test has to
// see how it ends, and who may change everything gains nothing by being kept from reading.
enum class Scope : std::uint8_t {
  kRead,      // "read": what is public unless the operator closed it
  kTestsRun,  // "tests:run": start on-demand tests
  kAdmin,     // "admin": change what is kept: targets, drills, objectives
};
std::string_view to_string(Scope scope);
std::optional<Scope> scope_from_string(std::string_view text);

// Those a token was made with.
class Scopes {
 public:
  Scopes() = default;
  Scopes(std::initializer_list<Scope> scopes) {
    for (const Scope scope : scopes) add(scope);
  }
  void add(Scope scope) { named_.at(static_cast<std::size_t>(scope)) = true; }
  bool empty() const { return *this == Scopes{}; }
  // Whether one of them includes this.
  bool allow(Scope scope) const;
  bool operator==(const Scopes&) const = default;

 private:
  friend std::string to_string(const Scopes& scopes);
  std::array<bool, 3> named_{};
};
// Their names with a space between two: "read tests:run".
std::string to_string(const Scopes& scopes);

// Who is behind a request.
struct Principal {
  std::string id;  // the token's
  std::string name;
  Scopes scopes;
  bool may(Scope scope) const { return scopes.allow(scope); }
};

struct ApiToken {
  std::string id;  // 12 hex digits, also a part of the token
  std::string name;
  Scopes scopes;
  WallTime created_at{};
  std::optional<WallTime> expires_at;
  std::optional<WallTime> revoked_at;
  std::optional<WallTime> last_used_at;  // to the minute
};

class ApiTokens {
 public:
  struct Created {
    std::string id;
    std::string token;  // shown once; only its hash is kept
  };

  // The database and the clock must outlive it.
  ApiTokens(AccessDatabase& database, const Clock& clock) : database_(database), clock_(clock) {}

  // `name`: 1 to 64 bytes of printable UTF-8 (the Error names "--name"); it need not be unique.
  Expected<Created> create(std::string_view name, Scopes scopes,
                           std::optional<WallTime> expires_at = {});
  // By time of creation, revoked and expired ones included.
  Expected<std::vector<ApiToken>> list();
  // At once, also for a running collector. A kInvalid Error when there is no such token, or when it
  // was revoked before.
  Expected<> revoke(std::string_view id);
  // Whose token this is; absent when it is not one, or expired or revoked. An Error means that the
  // database could not be asked.
  Expected<std::optional<Principal>> check(std::string_view token);

 private:
  AccessDatabase& database_;
  const Clock& clock_;
};

}  // namespace firstbyte::collector
