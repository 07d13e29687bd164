-- What agents probe on a schedule, and what came of it. Results of checks are rows of `result` as all others, so that
-- there is one account of what is stored and what is missing; what they have beyond that is small numbers.

-- A check as it was once configured. A row per distinct description, never changed afterwards.
CREATE TABLE check_version (
  id INTEGER PRIMARY KEY,        -- as agents are told: 64 bits of a digest, whose top one is the sign here
  name TEXT NOT NULL,
  target TEXT NOT NULL,          -- as in `test`: JSON, secrets redacted
  interval_us INTEGER NOT NULL
) STRICT;

-- Who was asked to probe it: from these agents alone results of the check are taken, now and later.
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

-- NULL in results of tests, and of checks that this agent was never asked to probe.
ALTER TABLE result ADD COLUMN assignment_id INTEGER REFERENCES assignment (id);
ALTER TABLE result ADD COLUMN scheduled_at_us INTEGER;  -- its slot, by the agent's clock
ALTER TABLE result ADD COLUMN late_us INTEGER;          -- how long after it the probe started
ALTER TABLE result ADD COLUMN skipped INTEGER;          -- slots before it, back to the last told of, that nothing used
ALTER TABLE result ADD COLUMN clock_set INTEGER;        -- 1: how far those two lie apart says nothing

CREATE INDEX result_of_check ON result (assignment_id, scheduled_at_us) WHERE assignment_id IS NOT NULL;
