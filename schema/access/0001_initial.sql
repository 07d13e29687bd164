-- Who may talk to the collector: agents by certificate, people and programs by API token. Times are
-- microseconds since the Unix epoch, UTC. Secrets are kept as the SHA-256 of their text, in hex.

CREATE TABLE agent (
  id          TEXT    NOT NULL PRIMARY KEY,
  city        TEXT    NOT NULL,
  country     TEXT    NOT NULL,
  region      TEXT    NOT NULL,
  latitude    REAL    NOT NULL,
  longitude   REAL    NOT NULL,
  enrolled_at INTEGER NOT NULL,
  connected   INTEGER NOT NULL,  -- 1: when the collector last looked
  last_seen_at INTEGER,
  revoked_at  INTEGER
) STRICT;

-- A certificate is valid while neither it nor its agent is revoked.
CREATE TABLE certificate (
  serial      TEXT    NOT NULL PRIMARY KEY,  -- upper-case hex
  agent_id    TEXT    NOT NULL REFERENCES agent (id),
  fingerprint TEXT    NOT NULL,  -- "sha256:" and the digest of its DER in hex
  issued_at   INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  revoked_at  INTEGER
) STRICT;
CREATE INDEX certificate_by_agent ON certificate (agent_id, expires_at);

-- What a join token is for: once used it stays here, so that its second use can be told from an unknown one.
CREATE TABLE join_token (
  id         TEXT    NOT NULL PRIMARY KEY,
  hash       TEXT    NOT NULL,
  agent_id   TEXT    NOT NULL,
  city       TEXT    NOT NULL,
  country    TEXT    NOT NULL,
  region     TEXT    NOT NULL,
  latitude   REAL    NOT NULL,
  longitude  REAL    NOT NULL,
  replaces   INTEGER NOT NULL,  -- 1: an agent with this id gives way to the one that joins
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER,
  revoked_at INTEGER
) STRICT;

CREATE TABLE api_token (
  id           TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  scopes       TEXT    NOT NULL,  -- their names, a space between two
  hash         TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  expires_at   INTEGER,
  revoked_at   INTEGER,
  last_used_at INTEGER  -- to the minute
) STRICT;

-- What the running collector leaves for its command line: how agents reach it.
CREATE TABLE setting (
  name  TEXT NOT NULL PRIMARY KEY,  -- 'agents_dial', 'ca_fingerprint'
  value TEXT NOT NULL
) STRICT;
