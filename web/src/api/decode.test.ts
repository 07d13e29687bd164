import { expect, test } from 'vitest';
import { golden, goldenFrames, goldenTest } from '../testing/goldens';
import { decodeAgents, decodeEvent, decodeInfo, decodeProblem, decodeTest } from './decode';
import type { TestEvent } from './types';

test('the golden test is understood', () => {
  expect(decodeTest(golden('test.json'))).toEqual(golden('test.json'));
});

test('the golden finished test is understood', () => {
  expect(decodeTest(golden('test-finished.json'))?.state).toBe('finished');
});

test('the golden info is understood', () => {
  expect(decodeInfo(golden('info.json'))?.default_url).toBe('https://www.firstbyte.test:8443/');
});

test('the golden agents are understood', () => {
  expect(decodeAgents(golden('agents.json'))?.map((entry) => entry.state)).toEqual([
    'connected',
    'offline',
  ]);
});

test('the golden problem gives its detail and its field', () => {
  expect(decodeProblem(golden('problem.json'))).toEqual({
    title: 'The request is not valid',
    detail: 'the scheme must be http or https, not ftp',
    field: '/url',
  });
});

test('every frame of the golden feed is understood', () => {
  for (const frame of goldenFrames()) {
    expect(decodeEvent(frame.event as TestEvent['type'], frame.data)?.type).toBe(frame.event);
  }
});

test('the golden snapshot is the golden test', () => {
  const event = decodeEvent('snapshot', goldenFrames()[0]?.data ?? '');
  expect(event).toEqual({ type: 'snapshot', test: goldenTest() });
});

test('a problem without a field concerns no field', () => {
  expect(decodeProblem({ title: 'Not found', detail: 'no such test' })?.field).toBeNull();
});

test('a test without cities is not a test', () => {
  expect(decodeTest({ ...goldenTest(), cities: undefined })).toBeNull();
});

test('a city in an unknown state is refused', () => {
  const [city] = goldenTest().cities;
  expect(decodeTest({ ...goldenTest(), cities: [{ ...city, state: 'asleep' }] })).toBeNull();
});

test('a result without timings is refused', () => {
  const [city] = goldenTest().cities;
  const result = { ...city?.result, timings: null };
  expect(decodeTest({ ...goldenTest(), cities: [{ ...city, result }] })).toBeNull();
});

test('a rating that is neither a word nor null is refused', () => {
  const [city] = goldenTest().cities;
  const result = { ...city?.result, rating: 5 };
  expect(decodeTest({ ...goldenTest(), cities: [{ ...city, result }] })).toBeNull();
});

test('an event that is not JSON is refused', () => {
  expect(decodeEvent('city', '<html>')).toBeNull();
});
