-- How a test's target is asked for, and how a result came about.

-- The whole target as JSON, as POST /tests takes it; secrets redacted. `url` stays beside it for those who
-- look for tests by it.
ALTER TABLE test ADD COLUMN target TEXT NOT NULL DEFAULT '';

-- Tests until now: a plain GET. The deadline was the timeout and two seconds away.
UPDATE test SET target = json_object('url', url, 'timeout_ms',
  max(100, min(30000, (deadline_at_us - created_at_us - 2000000) / 1000)));

-- What no average may mix: IPv4 and IPv6, cold and warm. And what tells whether a number is the network's or the
-- agent's. Redirects, samples and all else is in result_detail: nobody sums it up.
ALTER TABLE result ADD COLUMN family TEXT NOT NULL DEFAULT 'any';   -- any, ipv4, ipv6, both
ALTER TABLE result ADD COLUMN reuse TEXT NOT NULL DEFAULT 'cold';   -- cold, resumed, warm
ALTER TABLE result ADD COLUMN loop_lag_us INTEGER;                  -- NULL: the agent did not tell
ALTER TABLE result ADD COLUMN overloaded INTEGER NOT NULL DEFAULT 0;
