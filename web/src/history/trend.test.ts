import { expect, test } from 'vitest';
import { decodeHistory } from '../api/decode';
import type { PastTest } from '../api/types';
import { golden } from '../testing/goldens';
import { describeOutcome, describeRange } from './describe';
import { trendOf } from './trend';

const { tests } = decodeHistory(golden('history.json'))!;
const [newer, older] = tests as [PastTest, PastTest];
const silent: PastTest = {
  ...newer,
  finished: 0,
  failed: 0,
  succeeded: 0,
  offline: 3,
  median_ttfb_us: null,
  fastest_ttfb_us: null,
  slowest_ttfb_us: null,
};

test('a trend goes from the oldest to the newest test, in milliseconds', () => {
  const { times, medians } = trendOf(tests);
  expect(times).toEqual([older, newer].map(({ created_at }) => Date.parse(created_at) / 1000));
  expect(medians).toEqual([33.98, 33.98]);
});

test('a test in which a city failed is marked, one without data is not', () => {
  expect(trendOf(tests).failures).toEqual([33.98, null]);
  expect(trendOf([{ ...silent, offline: 2, failed: 1 }]).failures).toEqual([0]);
});

test('where nobody answered there is nothing to draw', () => {
  const { medians, fastest, slowest } = trendOf([silent]);
  expect([medians, fastest, slowest]).toEqual([[null], [null], [null]]);
});

test('what is under way has no place in it yet', () => {
  expect(trendOf([{ ...newer, state: 'running' }]).times).toEqual([]);
});

test('a test is told by how its cities ended; no data is not a failure', () => {
  expect(describeOutcome(newer)).toBe('2 of 3 answered; 1 no data');
  expect(describeOutcome(older)).toBe('1 of 4 answered; 1 failed; 2 no data');
  expect(describeOutcome({ ...newer, succeeded: 1 })).toBe('1 of 3 answered; 1 failed; 1 no data');
  expect(describeOutcome({ ...silent, offline: 0, state: 'running' })).toBe(
    '0 of 3 answered; under way',
  );
});

test('its times go from the fastest city to the slowest', () => {
  expect(describeRange({ ...newer, fastest_ttfb_us: 25_900, slowest_ttfb_us: 692_000 })).toBe(
    '25.9 – 692',
  );
  expect(describeRange(silent)).toBe('–');
});
