import { expect, test } from 'vitest';
import type { Timings } from '../api/types';
import { goldenCity } from '../testing/goldens';
import { failureOf, timings, without } from '../testing/measurements';
import { waterfallOf } from './waterfall';

const timingsOf = (agentId: string) => goldenCity(agentId).result?.timings as Timings;
const barOf = (agentId: string, phase: string) =>
  waterfallOf(timingsOf(agentId)).find((bar) => bar.phase === phase);

test('a bar ends where its phase ended', () => {
  const bar = barOf('new-york', 'tls');
  expect((bar?.begin ?? 0) + (bar?.width ?? 0)).toBeCloseTo(25100 / 34110);
});

test('a bar is as wide as its phase was long', () => {
  expect(barOf('new-york', 'wait')?.width).toBeCloseTo(8680 / 34110);
});

test('a phase that was not reached has no bar and no number', () => {
  expect(barOf('frankfurt', 'tls')).toMatchObject({ width: 0, durationUs: null });
});

test('the phases of the golden and its own time add up to its total', () => {
  const golden = timingsOf('new-york');
  const sum = waterfallOf(golden).reduce((total, bar) => total + (bar.durationUs ?? 0), 0);
  expect(sum + (golden.other_us ?? 0)).toBe(golden.total_us);
});

test('a phase is marked where only the agent saw it', () => {
  expect(barOf('new-york', 'connect')).toMatchObject({ byKernel: false });
  expect(barOf('new-york', 'tls')).toMatchObject({ byKernel: true });
});

test('the gap before a phase ends where the phase begins', () => {
  for (const { gap, begin } of waterfallOf(timings())) {
    expect(gap.begin + gap.width).toBeCloseTo(begin);
  }
});

test('the gap before a phase is as wide as the agent took', () => {
  expect(waterfallOf(timings())[2]?.gap.width).toBeCloseTo(400 / 34110);
});

test('a phase that did not happen leaves no gap', () => {
  const [dns] = waterfallOf(timings(without('dns')));
  expect(dns?.gap.width).toBe(0);
});

test('of an older result the gaps are not known', () => {
  const old = timings({ other_before_tls_us: null });
  expect(waterfallOf(old)[2]?.gap.width).toBe(0);
});

test('the phase that failed is marked, and no other', () => {
  const failed = waterfallOf(timings(), failureOf({ phase: 'tls' })).map((bar) => bar.failed);
  expect(failed).toEqual([false, false, true, false, false]);
});

test('on a longer axis a bar is shorter', () => {
  const [dns] = waterfallOf(timings(), null, 68220);
  expect(dns?.width).toBeCloseTo(8230 / 68220);
});
