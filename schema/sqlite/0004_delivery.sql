-- What never arrived, how the agents are, and when their clocks were set.

-- Results that are known to be missing, in the place of them: of each boot every sequence number up to the
-- cursor is one result, or in one gap. Written in the transaction that moves the cursor over it.
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

-- What an agent said last of its spool, and what was known last of its clock.
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

-- An agent's clock, or the collector's, was set: between two readings the offset moved by more than their
-- errors allow.
CREATE TABLE clock_step (
  id INTEGER PRIMARY KEY,
  agent_id TEXT NOT NULL,
  at_us INTEGER NOT NULL,     -- when it was noticed, by the collector's clock
  by_us INTEGER NOT NULL,     -- how far the agent's clock went ahead of the collector's; negative: fell back
  error_us INTEGER NOT NULL   -- how wrong that can be at most
) STRICT;

CREATE INDEX clock_step_of_agent ON clock_step (agent_id);

-- When the probe started by the collector's clock; NULL where the offset was not known.
ALTER TABLE result ADD COLUMN corrected_at_us INTEGER
  GENERATED ALWAYS AS (measured_at_us - clock_offset_us) VIRTUAL;

-- The measurement that came after its city had ended without one, when the deadline was past.
ALTER TABLE test_city ADD COLUMN late_result_id INTEGER REFERENCES result (id);
