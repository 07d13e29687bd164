import { expect, test } from 'vitest';
import { controlCheck, selfCheck } from '../testing/measurements';
import { describeControl, warningsOf } from './self-check';

test('of an agent that was well there is nothing to say', () => {
  expect(warningsOf(selfCheck({ control: controlCheck() }))).toEqual([]);
});

test('of an agent that told nothing there is nothing to say', () => {
  expect(warningsOf(null)).toEqual([]);
});

test('an overloaded agent is told with its lag', () => {
  expect(warningsOf(selfCheck({ overloaded: true, loop_lag_us: 45000 }))[0]).toMatch(
    /overloaded \(it was late by up to 45\.000 ms\).* not to be trusted/,
  );
});

test('an agent that refused a probe was not late', () => {
  expect(warningsOf(selfCheck({ overloaded: true, loop_lag_us: 0 }))).toEqual([
    'The agent was overloaded: it refused this probe, since too many were running already.',
  ]);
});

test('after a step of the clock no stamp is believed', () => {
  expect(warningsOf(selfCheck({ clock_stepped: true }))).toEqual([
    "The agent's wall clock was set during the probe: no stamp of the kernel is believed, and its own clock stands in.",
  ]);
});

test('where the control target fails, the city may be sick', () => {
  const control = controlCheck({ cause: 'timeout', ttfb_us: null });
  expect(warningsOf(selfCheck({ control }))).toEqual([
    "The agent's control target fails from here (timeout): this city may be sick, not the target.",
  ]);
});

test('a control target that fails is told with its cause', () => {
  const control = controlCheck({ cause: 'timeout', ttfb_us: null });
  expect(describeControl(control)).toMatch(/^failing: timeout \(https:/);
});
