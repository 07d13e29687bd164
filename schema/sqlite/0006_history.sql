-- The tests of one URL, by time.
CREATE INDEX test_by_url ON test (url, created_at_us);
