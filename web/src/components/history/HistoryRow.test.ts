import { expect, test } from 'vitest';
import { decodeHistory } from '../../api/decode';
import { golden } from '../../testing/goldens';
import { markupOf, textOf } from '../../testing/render';
import HistoryRow from './HistoryRow.svelte';

const [newer] = decodeHistory(golden('history.json'))!.tests;
const row = (changes = {}) =>
  markupOf(HistoryRow, { test: { ...newer!, ...changes }, chosen: false, onchoose: () => {} });

test('a row leads to its test and tells how it ended', () => {
  expect(row()).toContain('href="/tests/0k3v9x2m7qf5f"');
  expect(textOf(row({ fastest_ttfb_us: 33_980, slowest_ttfb_us: 51_000 }))).toBe(
    '2026-11-23 03:11:30 UTC 2 of 3 answered; 1 no data 34.0 34.0 – 51.0',
  );
});

test('how it was asked for is told where it was not simply so', () => {
  expect(textOf(row({ target: { ...newer!.target, method: 'HEAD' } }))).toContain('HEAD');
});

test('its box says of which test it is', () => {
  expect(row()).toContain(
    'aria-label="Choose the test of 2026-11-23 03:11:30 UTC for a comparison"',
  );
});
