import { expect, test } from 'vitest';
import type { Timings } from '../api/types';
import { goldenCity } from '../testing/goldens';
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
  const timings = timingsOf('new-york');
  const sum = waterfallOf(timings).reduce((total, bar) => total + (bar.durationUs ?? 0), 0);
  expect(sum + (timings.other_us ?? 0)).toBe(timings.total_us);
});

test('a phase is marked where only the agent saw it', () => {
  expect(barOf('new-york', 'connect')).toMatchObject({ byKernel: false });
  expect(barOf('new-york', 'tls')).toMatchObject({ byKernel: true });
});
