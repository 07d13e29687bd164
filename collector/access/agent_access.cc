#include "collector/access/agent_access.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "collector/access/secret.h"

namespace firstbyte::collector {
namespace {

// Anyone may send one, and it is copied to be looked at.
constexpr std::size_t kMostTokenBytes = 256;

using Refusal = AgentAccess::Refusal;
using Refused = AgentAccess::Refused;

std::unexpected<Refused> refuse(Refusal why, std::string message) {
  return std::unexpected(Refused{why, std::move(message)});
}

// In the order of the columns everywhere.
AgentIdentity take_identity(Rows& rows) {
  AgentIdentity identity;
  identity.id = rows.take<std::string>();
  identity.city = rows.take<std::string>();
  identity.country = rows.take<std::string>();
  identity.region = rows.take<std::string>();
  identity.latitude = rows.take<double>();
  identity.longitude = rows.take<double>();
  return identity;
}

struct Known {
  bool revoked = false;
};

Expected<std::optional<Known>> find_agent(Database& database, std::string_view id) {
  Statement find(database, "SELECT revoked_at IS NOT NULL FROM agent WHERE id = ?");
  auto rows = find.query(id);
  if (!rows) return std::unexpected(rows.error());
  const auto row = rows->next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return std::nullopt;
  return Known{rows->take<bool>()};
}

struct Invitation {
  AgentIdentity identity;
  bool replaces = false;
};

// Whom a join token is for, if it is good now.
AgentAccess::Answer<Invitation> find_invitation(Database& database, const Secret& given,
                                                WallTime now) {
  Statement find(database, R"(
      SELECT hash, used_at IS NOT NULL, revoked_at IS NOT NULL, expires_at,
             agent_id, city, country, region, latitude, longitude, replaces
      FROM join_token WHERE id = ?)");
  auto rows = find.query(given.id);
  if (!rows) return std::unexpected(rows.error());
  const auto row = rows->next();
  if (!row) return std::unexpected(row.error());
  if (!*row || !same_hash(rows->take<std::string>(), given.hash)) {
    return refuse(Refusal::kNotKnown, "this join token is not one of this collector's");
  }
  const bool used = rows->take<bool>();
  const bool revoked = rows->take<bool>();
  const auto expires_at = rows->take<WallTime>();
  if (used) return refuse(Refusal::kNotKnown, "this join token has been used before");
  if (revoked) return refuse(Refusal::kNotKnown, "this join token was withdrawn");
  if (expires_at <= now) {
    return refuse(Refusal::kNotKnown, fmt::format("this join token has expired at {}",
                                                  format_rfc3339(expires_at, false)));
  }
  AgentIdentity identity = take_identity(*rows);
  return Invitation{std::move(identity), rows->take<bool>()};
}

Expected<> record_certificate(Database& database, const std::string& agent_id,
                              const X509& certificate, WallTime now) {
  Statement insert(database, R"(
      INSERT INTO certificate (serial, agent_id, fingerprint, issued_at, expires_at)
      VALUES (?, ?, ?, ?, ?))");
  return insert.run(serial_number(certificate), agent_id, fingerprint(certificate), now,
                    valid_until(certificate));
}

Expected<> revoke_certificates(Database& database, std::string_view agent_id, WallTime now) {
  Statement revoke(database, R"(
      UPDATE certificate SET revoked_at = ? WHERE agent_id = ? AND revoked_at IS NULL)");
  return revoke.run(now, agent_id);
}

Expected<> record_agent(Database& database, const AgentIdentity& agent, WallTime now) {
  Statement upsert(database, R"(
      INSERT INTO agent (id, city, country, region, latitude, longitude, enrolled_at, connected)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
      ON CONFLICT (id) DO UPDATE SET city = ?2, country = ?3, region = ?4, latitude = ?5,
        longitude = ?6, enrolled_at = ?7, revoked_at = NULL)");
  return upsert.run(agent.id, agent.city, agent.country, agent.region, agent.latitude,
                    agent.longitude, now);
}

AgentAccess::Answer<AgentIdentity> find_admitted(Database& database, const AgentPeer& peer,
                                                 WallTime now) {
  Statement find(database, R"(
      SELECT id, city, country, region, latitude, longitude,
             agent.revoked_at IS NOT NULL,
             (SELECT revoked_at IS NOT NULL FROM certificate
              WHERE agent_id = ?1 AND fingerprint = ?2),
             EXISTS (SELECT 1 FROM certificate
                     WHERE agent_id = ?1 AND revoked_at IS NULL AND expires_at > ?3)
      FROM agent WHERE id = ?1)");
  auto rows = find.query(peer.id, peer.fingerprint, now);
  if (!rows) return std::unexpected(rows.error());
  const auto row = rows->next();
  if (!row) return std::unexpected(row.error());
  if (!*row) {
    return refuse(Refusal::kNotKnown,
                  fmt::format("agent \"{}\" is not enrolled with this collector", peer.id));
  }
  AgentIdentity identity = take_identity(*rows);
  const bool agent_revoked = rows->take<bool>();
  const auto certificate_revoked = rows->take<std::optional<bool>>();
  const bool has_valid = rows->take<bool>();
  if (agent_revoked) {
    return refuse(Refusal::kRevoked, fmt::format("agent \"{}\" was revoked", peer.id));
  }
  if (certificate_revoked.value_or(false)) {
    return refuse(Refusal::kRevoked,
                  fmt::format("this certificate of agent \"{}\" was revoked when another one was "
                              "enrolled in its place",
                              peer.id));
  }
  if (!has_valid) {
    return refuse(Refusal::kEnded,
                  fmt::format("the certificate of agent \"{}\" has ended by the collector's clock, "
                              "which says {}; unless that is wrong, enrol it again",
                              peer.id, format_rfc3339(now, false)));
  }
  // Somebody else used our key, or the database is from before it was issued.
  if (!certificate_revoked) {
    return refuse(Refusal::kNotKnown,
                  fmt::format("this certificate of agent \"{}\" is not one that this collector "
                              "has issued",
                              peer.id));
  }
  return identity;
}

// As many as were issued to the agent in the time up to now.
Expected<std::int64_t> count_issued(Database& database, std::string_view agent_id, WallTime since,
                                    WallTime now) {
  Statement count(database, R"(
      SELECT count(*) FROM certificate WHERE agent_id = ? AND issued_at > ? AND issued_at <= ?)");
  auto rows = count.query(agent_id, since, now);
  if (!rows) return std::unexpected(rows.error());
  if (const auto row = rows->next(); !row) return std::unexpected(row.error());
  return rows->take<std::int64_t>();
}

}  // namespace

Expected<AgentAccess::JoinToken> AgentAccess::enroll(const AgentIdentity& identity,
                                                     std::chrono::seconds lifetime, bool replace) {
  const Expected<Secret> secret = make_secret(kJoinTokenPrefix);
  if (!secret) return std::unexpected(secret.error());
  const WallTime now = clock_.wall();
  const WallTime expires_at = now + lifetime;
  const auto stored = database_.write([&](Database& database) -> Expected<> {
    const auto known = find_agent(database, identity.id);
    if (!known) return std::unexpected(known.error());
    if (*known && !replace) {
      return invalid(
          "--id",
          fmt::format("agent \"{}\" {}; give the new one an --id of its own, or "
                      "--replace that one",
                      identity.id, (*known)->revoked ? "was revoked" : "is enrolled already"));
    }
    Statement insert(database, R"(
        INSERT INTO join_token (id, hash, agent_id, city, country, region, latitude, longitude,
                                replaces, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?))");
    return insert.run(secret->id, secret->hash, identity.id, identity.city, identity.country,
                      identity.region, identity.latitude, identity.longitude, replace, now,
                      expires_at);
  });
  if (!stored) return std::unexpected(stored.error());
  return JoinToken{secret->text, expires_at};
}

Expected<std::vector<EnrolledAgent>> AgentAccess::list() {
  return database_.read([&](Database& database) -> Expected<std::vector<EnrolledAgent>> {
    Statement all(database, R"(
        SELECT id, city, country, region, latitude, longitude, serial, fingerprint, expires_at,
               enrolled_at, last_seen_at, agent.revoked_at, connected
        FROM agent LEFT JOIN certificate ON serial =
          (SELECT serial FROM certificate WHERE agent_id = agent.id
           ORDER BY revoked_at IS NOT NULL, expires_at DESC LIMIT 1)
        ORDER BY id)");
    auto rows = all.query();
    if (!rows) return std::unexpected(rows.error());
    std::vector<EnrolledAgent> agents;
    while (true) {
      const auto row = rows->next();
      if (!row) return std::unexpected(row.error());
      if (!*row) return agents;
      EnrolledAgent& agent = agents.emplace_back();
      agent.identity = take_identity(*rows);
      agent.serial = rows->take<std::string>();
      agent.fingerprint = rows->take<std::string>();
      agent.certificate_expires_at = rows->take<std::optional<WallTime>>();
      agent.enrolled_at = rows->take<WallTime>();
      agent.last_seen_at = rows->take<std::optional<WallTime>>();
      agent.revoked_at = rows->take<std::optional<WallTime>>();
      agent.connected = rows->take<bool>();
    }
  });
}

Expected<> AgentAccess::revoke(std::string_view agent_id) {
  const WallTime now = clock_.wall();
  return database_.write([&](Database& database) -> Expected<> {
    Statement agent(database,
                    "UPDATE agent SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL");
    if (auto done = agent.run(now, agent_id); !done) return done;
    std::int64_t touched = database.changes();
    Statement tokens(database, R"(
        UPDATE join_token SET revoked_at = ?1
        WHERE agent_id = ?2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?1)");
    if (auto done = tokens.run(now, agent_id); !done) return done;
    touched += database.changes();
    if (touched == 0) {
      return invalid({}, fmt::format("there is no agent \"{}\" that could be revoked", agent_id));
    }
    changed_ = true;
    return revoke_certificates(database, agent_id, now);
  });
}

AgentAccess::Answer<AgentAccess::Issued> AgentAccess::join(std::string_view token,
                                                           std::string_view request,
                                                           const CertificateAuthority& authority,
                                                           std::chrono::seconds lifetime) {
  const auto given =
      token.size() > kMostTokenBytes ? std::nullopt : parse_secret(kJoinTokenPrefix, token);
  if (!given) return refuse(Refusal::kNotKnown, "this is not a join token (fbj_...)");
  const WallTime now = clock_.wall();
  return database_.write([&](Database& database) -> Answer<Issued> {
    auto invitation = find_invitation(database, *given, now);
    if (!invitation) return std::unexpected(std::move(invitation.error()));
    const AgentIdentity& agent = invitation->identity;
    const auto known = find_agent(database, agent.id);
    if (!known) return std::unexpected(known.error());
    if (*known && !invitation->replaces) {
      return refuse(Refusal::kTaken,
                    fmt::format("agent \"{}\" was enrolled meanwhile by another token", agent.id));
    }
    auto certificate = authority.issue_agent(agent.id, request, valid_for(now, lifetime));
    if (!certificate) return refuse(Refusal::kBadRequest, certificate.error().message);

    Statement use(database, "UPDATE join_token SET used_at = ? WHERE id = ?");
    Expected<> done = use.run(now, given->id);
    if (done) done = record_agent(database, agent, now);
    if (done) done = revoke_certificates(database, agent.id, now);
    if (done) done = record_certificate(database, agent.id, **certificate, now);
    if (!done) return std::unexpected(done.error());
    changed_ = true;
    return Issued{std::move(invitation->identity), *std::move(certificate)};
  });
}

AgentAccess::Answer<AgentAccess::Issued> AgentAccess::renew(const AgentPeer& peer,
                                                            std::string_view request,
                                                            const CertificateAuthority& authority,
                                                            std::chrono::seconds lifetime) {
  const WallTime now = clock_.wall();
  return database_.write([&](Database& database) -> Answer<Issued> {
    // In the same transaction: whoever was replaced meanwhile gets nothing any more.
    Answer<AgentIdentity> admitted = find_admitted(database, peer, now);
    if (!admitted) return std::unexpected(std::move(admitted.error()));
    const auto lately = count_issued(database, peer.id, now - Micros(lifetime) / 100, now);
    if (!lately) return std::unexpected(lately.error());
    if (*lately >= kMostRenewals) {
      return refuse(Refusal::kTooOften,
                    fmt::format("agent \"{}\" was given {} certificates lately; it may ask for "
                                "another one later",
                                peer.id, *lately));
    }
    auto certificate = authority.issue_agent(peer.id, request, valid_for(now, lifetime));
    if (!certificate) return refuse(Refusal::kBadRequest, certificate.error().message);
    if (auto done = record_certificate(database, peer.id, **certificate, now); !done) {
      return std::unexpected(done.error());
    }
    return Issued{*std::move(admitted), *std::move(certificate)};
  });
}

AgentAccess::Answer<AgentIdentity> AgentAccess::admit(const AgentPeer& peer) {
  return database_.read(
      [&](Database& database) { return find_admitted(database, peer, clock_.wall()); });
}

bool AgentAccess::changed() {
  const bool by_us = changed_.exchange(false);
  return database_.changed() || by_us;
}

void AgentAccess::forget_ended() {
  const auto forgotten = database_.write([&](Database& database) -> Expected<> {
    Statement forget(database, R"(
        DELETE FROM certificate WHERE expires_at <= ? AND serial <>
          (SELECT serial FROM certificate AS other WHERE other.agent_id = certificate.agent_id
           ORDER BY revoked_at IS NOT NULL, expires_at DESC LIMIT 1))");
    return forget.run(clock_.wall());
  });
  if (!forgotten) {
    spdlog::warn("certificates that have ended were not forgotten: {}", forgotten.error().message);
  }
}

void AgentAccess::note_connected(const std::set<std::string>& agent_ids) {
  const WallTime now = clock_.wall();
  const auto noted = database_.write([&](Database& database) -> Expected<> {
    Statement gone(database, "UPDATE agent SET connected = 0 WHERE connected");
    if (auto done = gone.run(); !done) return done;
    Statement there(database, "UPDATE agent SET connected = 1, last_seen_at = ? WHERE id = ?");
    for (const std::string& id : agent_ids) {
      if (auto done = there.run(now, id); !done) return done;
    }
    return {};
  });
  if (!noted) spdlog::warn("who is connected was not noted: {}", noted.error().message);
}

}  // namespace firstbyte::collector
