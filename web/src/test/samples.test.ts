import { expect, test } from 'vitest';
import type { Measurement } from '../api/types';
import { answer, exchange, timings } from '../testing/measurements';
import { describeInRow, describeSummary, dotsOf, samplesOf, summarizeSamples } from './samples';

let minute = 10;
const sample = (ttfb_us: number | null, overrides: Partial<Measurement> = {}) =>
  exchange('https://a.example/', {
    timings: timings({ ttfb_us }),
    measured_at: `2026-11-23T03:${minute++}:00.000000Z`,
    ...overrides,
  });

const summariesOf = (...samples: ReturnType<typeof sample>[]) =>
  summarizeSamples(samplesOf(answer({ samples })));

test('one that was asked once has no samples', () => {
  expect(samplesOf(answer())).toEqual([]);
});

test('the sample that stands in the row is marked', () => {
  const samples = [sample(1), sample(2), sample(3)];
  const result = answer({ ...samples[1], samples });
  expect(samplesOf(result).map(({ chosen }) => chosen)).toEqual([false, true, false]);
});

test('two samples of one moment are told apart by their addresses', () => {
  const at = { measured_at: '2026-11-23T03:10:00.000000Z' };
  const samples = [sample(1, at), sample(1, { ...at, remote_ip: '2001:db8::1' })];
  const chosen = samplesOf(answer({ ...samples[1], samples })).map((one) => one.chosen);
  expect(chosen).toEqual([false, true]);
});

test('samples of one kind have a median and a range', () => {
  expect(summariesOf(sample(30), sample(10), sample(20))).toEqual([
    { kind: '', timed: 3, total: 3, medianUs: 20, leastUs: 10, mostUs: 30 },
  ]);
});

test('the median of an even number is the lower of the middle two, which was measured', () => {
  expect(summariesOf(sample(40), sample(10))[0]?.medianUs).toBe(10);
  expect(summariesOf(sample(40), sample(10), sample(30), sample(20))[0]?.medianUs).toBe(20);
});

test('a sample without a first byte counts as one that has none', () => {
  expect(summariesOf(sample(10), sample(null))[0]).toMatchObject({ timed: 1, total: 2 });
});

test('where no sample got a first byte there is no median', () => {
  expect(summariesOf(sample(null), sample(null))[0]).toMatchObject({ timed: 0, medianUs: null });
});

test('cold and warm samples are summed up apart', () => {
  const warm = { reuse: 'warm' } as const;
  const kinds = summariesOf(sample(30), sample(9, warm), sample(7, warm));
  expect(kinds.map(({ kind, medianUs }) => [kind, medianUs])).toEqual([
    ['cold', 30],
    ['warm', 7],
  ]);
});

test('address families are summed up apart', () => {
  const kinds = summariesOf(sample(1), sample(2, { remote_ip: '2001:db8::1' }));
  expect(kinds.map(({ kind }) => kind)).toEqual(['IPv4', 'IPv6']);
});

test('samples of one kind are told by their median and range', () => {
  const [summary] = summariesOf(sample(30_000), sample(10_000), sample(20_000));
  expect(summary && describeSummary(summary)).toBe(
    'median TTFB *20.0 ms*, from 10.0 to 30.0 ms (3 of 3 got a first byte)',
  );
});

test('a city’s row tells the median, the range and how many samples there are', () => {
  const [summary] = summariesOf(sample(34_000), sample(31_000), sample(52_000));
  expect(summary && describeInRow(summary)).toBe('34.0 (31.0–52.0), 3 samples');
});

test('a city’s row tells both address families', () => {
  const six = { remote_ip: '2001:db8::1' };
  const kinds = summariesOf(sample(30_000), sample(41_000, six), sample(null, six));
  expect(kinds.map(describeInRow)).toEqual([
    'IPv4 30.0 (30.0–30.0), 1 sample',
    'IPv6 41.0 (41.0–41.0), 1 of 2 samples',
  ]);
});

test('a kind without a first byte says so in the row', () => {
  expect(summariesOf(sample(null), sample(null)).map(describeInRow)).toEqual([
    'no TTFB, 0 of 2 samples',
  ]);
});

test('each first byte is a dot, those of a kind in a line of their own', () => {
  const samples = [sample(30), sample(9, { reuse: 'warm' }), sample(null), sample(20)];
  expect(dotsOf(samplesOf(answer({ samples })))).toEqual([
    { ttfbUs: 30, line: 0, lines: 2 },
    { ttfbUs: 20, line: 0, lines: 2 },
    { ttfbUs: 9, line: 1, lines: 2 },
  ]);
});
