import { expect, test } from 'vitest';
import { decodeEvent, decodeTest } from '../api/decode';
import type { Test, TestEvent } from '../api/types';
import {
  finishedCity,
  golden,
  goldenFrames,
  goldenTest,
  runningCity,
  testOf,
} from '../testing/goldens';
import { answeredCount, apply, isRunning } from './reducer';

const step = (agentId: string, state: 'dns' | 'wait'): TestEvent => ({
  type: 'city',
  update: { agent_id: agentId, state, elapsed_us: 52000, result: null, late: null },
});

const stateOf = (shown: Test, agentId: string) =>
  shown.cities.find((city) => city.agent_id === agentId)?.state;

test('a snapshot replaces the whole test', () => {
  const before = testOf([runningCity('Oslo', 'dns')]);
  expect(apply(before, { type: 'snapshot', test: goldenTest() })).toEqual(goldenTest());
});

test('a city event moves that city and no other', () => {
  const after = apply(goldenTest(), step('tokyo', 'wait'));
  expect(stateOf(after, 'tokyo')).toBe('wait');
  expect(after.cities.slice(0, 3)).toEqual(goldenTest().cities.slice(0, 3));
});

test('a city event leaves the order of the cities alone', () => {
  const ids = (shown: Test) => shown.cities.map((city) => city.agent_id);
  expect(ids(apply(goldenTest(), step('tokyo', 'wait')))).toEqual(ids(goldenTest()));
});

test('a step repeated after the result does not take the result away', () => {
  const before = testOf([finishedCity('Oslo', 30000)]);
  expect(apply(before, step('Oslo', 'dns'))).toEqual(before);
});

test('a step of an unknown city changes nothing', () => {
  expect(apply(goldenTest(), step('atlantis', 'dns'))).toEqual(goldenTest());
});

test('done ends the test', () => {
  expect(isRunning(apply(goldenTest(), { type: 'done' }))).toBe(false);
});

test('the test before an event is not changed by it', () => {
  const before = goldenTest();
  apply(before, step('tokyo', 'wait'));
  expect(before).toEqual(goldenTest());
});

test('the golden feed ends in the golden finished test', () => {
  const events = goldenFrames().map((frame) =>
    decodeEvent(frame.event as TestEvent['type'], frame.data),
  );
  const after = events.reduce((shown, event) => (event ? apply(shown, event) : shown), testOf([]));
  expect(after.cities).toEqual(decodeTest(golden('test-finished.json'))?.cities);
});

test('a city has answered once its state is terminal, whatever the state', () => {
  expect(answeredCount(goldenTest())).toBe(3);
});
