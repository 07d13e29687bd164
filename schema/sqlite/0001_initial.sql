-- Firstbyte's store in SQLite, schema 1.
--
-- Times are integer microseconds, because that is what the agents measure: `_at_us` is wall time since
-- the Unix epoch (UTC), any other `_us` is a duration. What did not happen is NULL, never 0.
-- Phases, causes, origins and states are spelt as in common/measurement.h.

-- An agent as it described itself. A row per distinct description, never changed afterwards: a test of
-- last year still says where its agents stood then.
CREATE TABLE vantage (
  id INTEGER PRIMARY KEY,
  agent_id TEXT NOT NULL,
  city TEXT NOT NULL,
  country TEXT NOT NULL,    -- ISO 3166-1 alpha-2
  region TEXT NOT NULL,
  latitude REAL NOT NULL,   -- degrees north
  longitude REAL NOT NULL,  -- degrees east
  asn INTEGER               -- NULL: not known
) STRICT;

-- NULLs differ from each other in a unique index, hence ifnull.
CREATE UNIQUE INDEX vantage_description
  ON vantage (agent_id, city, country, region, latitude, longitude, ifnull(asn, -1));

-- Who has been here, and when last.
CREATE TABLE agent (
  id TEXT PRIMARY KEY,
  vantage_id INTEGER NOT NULL REFERENCES vantage (id),  -- its present description
  version TEXT NOT NULL,             -- empty until it has said hello
  last_seen_at_us INTEGER NOT NULL,  -- by the collector's clock
  last_result_at_us INTEGER          -- when its last result came in, by the collector's clock
) STRICT, WITHOUT ROWID;

-- An on-demand test.
CREATE TABLE test (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  deadline_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One measurement. Rows are only ever added.
CREATE TABLE result (
  id INTEGER PRIMARY KEY,

  -- Where it comes from. An agent sends again what it saw no acknowledgement for; this key makes the
  -- second arrival harmless.
  agent_id TEXT NOT NULL,
  boot INTEGER NOT NULL,  -- the run of its process: 64 bits, whose top one is the sign here
  sequence INTEGER NOT NULL CHECK (sequence > 0),
  vantage_id INTEGER NOT NULL REFERENCES vantage (id),

  -- The test that asked for it. No foreign key: a result for a test that is not known here is still a
  -- measurement, and is kept.
  test_id TEXT,
  url TEXT NOT NULL,

  measured_at_us INTEGER NOT NULL,  -- start of this exchange, by the agent's clock
  received_at_us INTEGER NOT NULL,  -- by the collector's clock
  clock_offset_us INTEGER,          -- how far the agent's clock is ahead of the collector's
  clock_error_us INTEGER,           -- how wrong that can be at most

  -- Each phase's begin and end since the start of the probe, on the agent's monotonic clock.
  dns_begin_us INTEGER,
  dns_end_us INTEGER,
  connect_begin_us INTEGER,
  connect_end_us INTEGER,
  tls_begin_us INTEGER,
  tls_end_us INTEGER,
  wait_begin_us INTEGER,
  wait_end_us INTEGER,
  transfer_begin_us INTEGER,
  transfer_end_us INTEGER,
  total_us INTEGER NOT NULL,

  -- What answered.
  status INTEGER,
  http_version TEXT,
  remote_ip TEXT,
  remote_port INTEGER,
  local_ip TEXT,
  local_port INTEGER,

  -- Why it failed; without a cause it did not.
  failure_phase TEXT,  -- NULL when it failed outside any phase
  failure_origin TEXT,
  failure_cause TEXT,
  failure_message TEXT,

  UNIQUE (agent_id, boot, sequence)
) STRICT;

-- The chosen cities of a test.
CREATE TABLE test_city (
  test_id TEXT NOT NULL REFERENCES test (id),
  position INTEGER NOT NULL,  -- from 0, in the order in which the page shows them
  agent_id TEXT NOT NULL,
  vantage_id INTEGER NOT NULL REFERENCES vantage (id),  -- as it described itself when it was chosen
  state TEXT CHECK (state IN ('finished', 'failed', 'offline', 'timed_out')),  -- NULL until it ended
  elapsed_us INTEGER,  -- the probe's total; since the dispatch where there is no measurement
  result_id INTEGER REFERENCES result (id),  -- the measurement that ended it
  PRIMARY KEY (test_id, position),
  UNIQUE (test_id, agent_id),
  CHECK ((state IS NULL) = (elapsed_us IS NULL))
) STRICT, WITHOUT ROWID;

-- What a restarted collector asks first. Only the cities under way are in it, so it stays tiny.
CREATE INDEX test_city_unfinished ON test_city (test_id) WHERE state IS NULL;

-- The bulky part of a result: {"headers": [[name, value], ...], "headers_truncated", "dns", "tls"} as
-- JSON. It stands apart so that the rows people aggregate over stay small, and so that it can be kept
-- for a shorter time. Every result has one until then: a missing row means "no longer kept".
CREATE TABLE result_detail (
  result_id INTEGER PRIMARY KEY REFERENCES result (id),
  json TEXT NOT NULL
) STRICT;

-- The last stored sequence of each run of each agent; written together with the results up to it.
CREATE TABLE cursor (
  agent_id TEXT NOT NULL,
  boot INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (agent_id, boot)
) STRICT, WITHOUT ROWID;
