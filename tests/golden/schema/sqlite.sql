PRAGMA user_version = 6;

CREATE TABLE agent (
  id TEXT PRIMARY KEY,
  vantage_id INTEGER NOT NULL REFERENCES vantage (id),  -- its present description
  version TEXT NOT NULL,             -- empty until it has said hello
  last_seen_at_us INTEGER NOT NULL,  -- by the collector's clock
  last_result_at_us INTEGER          -- when its last result came in, by the collector's clock
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_condition (
  agent_id TEXT PRIMARY KEY,
  spool_at_us INTEGER,            -- when it said so, by the collector's clock; NULL: never
  spool_results INTEGER,
  spool_bytes INTEGER,            -- of its files
  spool_oldest_at_us INTEGER,     -- by the agent's clock
  spool_lost INTEGER,             -- results in gaps of its boot
  spool_error TEXT,               -- why results are not durable there; empty: they are
  spool_set_aside_at_us INTEGER,  -- when a spool that could not be read was put aside, by the agent's clock
  clock_at_us INTEGER,            -- when the next two were true, by the collector's clock; NULL: never
  clock_offset_us INTEGER,
  clock_error_us INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
  id INTEGER PRIMARY KEY,        -- short, as it stands in every result
  check_id INTEGER NOT NULL REFERENCES check_version (id),
  agent_id TEXT NOT NULL,
  offset_us INTEGER NOT NULL,    -- slots are at a whole number of intervals and this since the Unix epoch
  since_us INTEGER NOT NULL,     -- by the collector's clock; the counts are of slots since then
  until_us INTEGER,              -- NULL: it is still assigned
  stored INTEGER NOT NULL DEFAULT 0,
  late INTEGER NOT NULL DEFAULT 0,     -- of those stored, what started more than a tenth of the interval after its slot
  skipped INTEGER NOT NULL DEFAULT 0,  -- as the agent says
  last_result_id INTEGER REFERENCES result (id),
  UNIQUE (check_id, agent_id)
) STRICT;

CREATE TABLE check_version (
  id INTEGER PRIMARY KEY,        -- as agents are told: 64 bits of a digest, whose top one is the sign here
  name TEXT NOT NULL,
  target TEXT NOT NULL,          -- as in `test`: JSON, secrets redacted
  interval_us INTEGER NOT NULL
) STRICT;

CREATE TABLE clock_step (
  id INTEGER PRIMARY KEY,
  agent_id TEXT NOT NULL,
  at_us INTEGER NOT NULL,     -- when it was noticed, by the collector's clock
  by_us INTEGER NOT NULL,     -- how far the agent's clock went ahead of the collector's; negative: fell back
  error_us INTEGER NOT NULL   -- how wrong that can be at most
) STRICT;

CREATE INDEX clock_step_of_agent ON clock_step (agent_id);

CREATE TABLE cursor (
  agent_id TEXT NOT NULL,
  boot INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (agent_id, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
  agent_id TEXT NOT NULL,
  boot INTEGER NOT NULL,
  first_sequence INTEGER NOT NULL CHECK (first_sequence > 0),
  last_sequence INTEGER NOT NULL,
  count INTEGER NOT NULL GENERATED ALWAYS AS (last_sequence - first_sequence + 1) VIRTUAL,
  reason TEXT NOT NULL,            -- spelt as in common/delivery.h
  recorded_at_us INTEGER,          -- when the agent gave the last of them up, by its clock; NULL: it said nothing
  received_at_us INTEGER NOT NULL, -- when it was known here, by the collector's clock
  PRIMARY KEY (agent_id, boot, first_sequence),
  CHECK (last_sequence >= first_sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX gap_by_time ON gap (agent_id, received_at_us);

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
  failure_message TEXT, dns_own_us INTEGER NOT NULL DEFAULT 0, connect_own_us INTEGER NOT NULL DEFAULT 0, tls_own_us INTEGER NOT NULL DEFAULT 0, wait_own_us INTEGER NOT NULL DEFAULT 0, transfer_own_us INTEGER NOT NULL DEFAULT 0, kernel_phases TEXT NOT NULL DEFAULT '', family TEXT NOT NULL DEFAULT 'any', reuse TEXT NOT NULL DEFAULT 'cold', loop_lag_us INTEGER, overloaded INTEGER NOT NULL DEFAULT 0, corrected_at_us INTEGER
  GENERATED ALWAYS AS (measured_at_us - clock_offset_us) VIRTUAL, assignment_id INTEGER REFERENCES assignment (id), scheduled_at_us INTEGER, late_us INTEGER, skipped INTEGER, clock_set INTEGER,

  UNIQUE (agent_id, boot, sequence)
) STRICT;

CREATE INDEX result_of_check ON result (assignment_id, scheduled_at_us) WHERE assignment_id IS NOT NULL;

CREATE TABLE result_detail (
  result_id INTEGER PRIMARY KEY REFERENCES result (id),
  json TEXT NOT NULL
) STRICT;

CREATE TABLE test (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL,
  created_at_us INTEGER NOT NULL,
  deadline_at_us INTEGER NOT NULL
, target TEXT NOT NULL DEFAULT '') STRICT, WITHOUT ROWID;

CREATE INDEX test_by_url ON test (url, created_at_us);

CREATE TABLE test_city (
  test_id TEXT NOT NULL REFERENCES test (id),
  position INTEGER NOT NULL,  -- from 0, in the order in which the page shows them
  agent_id TEXT NOT NULL,
  vantage_id INTEGER NOT NULL REFERENCES vantage (id),  -- as it described itself when it was chosen
  state TEXT CHECK (state IN ('finished', 'failed', 'offline', 'timed_out')),  -- NULL until it ended
  elapsed_us INTEGER,  -- the probe's total; since the dispatch where there is no measurement
  result_id INTEGER REFERENCES result (id), late_result_id INTEGER REFERENCES result (id),  -- the measurement that ended it
  PRIMARY KEY (test_id, position),
  UNIQUE (test_id, agent_id),
  CHECK ((state IS NULL) = (elapsed_us IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX test_city_unfinished ON test_city (test_id) WHERE state IS NULL;

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

CREATE UNIQUE INDEX vantage_description
  ON vantage (agent_id, city, country, region, latitude, longitude, ifnull(asn, -1));
