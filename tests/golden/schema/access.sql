PRAGMA user_version = 1;

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

CREATE TABLE certificate (
  serial      TEXT    NOT NULL PRIMARY KEY,  -- upper-case hex
  agent_id    TEXT    NOT NULL REFERENCES agent (id),
  fingerprint TEXT    NOT NULL,  -- "sha256:" and the digest of its DER in hex
  issued_at   INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  revoked_at  INTEGER
) STRICT;

CREATE INDEX certificate_by_agent ON certificate (agent_id, expires_at);

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

CREATE TABLE setting (
  name  TEXT NOT NULL PRIMARY KEY,  -- 'agents_dial', 'ca_fingerprint'
  value TEXT NOT NULL
) STRICT;
