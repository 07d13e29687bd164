import { expect, test } from 'vitest';
import { finishedCity, goldenTest, testOf } from './testing/goldens';
import { isHttpError, summarize } from './summary';

test('the fastest and the slowest city are named', () => {
  const shown = testOf([finishedCity('São Paulo', 231000), finishedCity('Frankfurt', 25100)]);
  expect(summarize(shown)).toBe(
    '2 of 2 cities answered; fastest Frankfurt 25.1 ms, slowest São Paulo 231 ms',
  );
});

test('a single answer is neither fastest nor slowest', () => {
  expect(summarize(testOf([finishedCity('Oslo', 30000)]))).toBe(
    '1 of 1 city answered; Oslo 30.0 ms',
  );
});

test('what did not answer is counted by kind', () => {
  expect(summarize(goldenTest())).toBe(
    '1 of 4 cities answered; New York 34.0 ms; 1 failed, 1 offline',
  );
});

test('cities that timed out are counted', () => {
  const late = { ...finishedCity('Oslo', 1), state: 'timed_out' as const };
  expect(summarize(testOf([late]))).toBe('0 of 1 city answered; 1 timed out');
});

test('an HTTP error is an answer, and is counted', () => {
  const city = finishedCity('Oslo', 30000);
  if (city.result) city.result.status = 503;
  expect(summarize(testOf([city]))).toContain('1 with an HTTP error');
});

test('400 is the first HTTP error', () => {
  expect([399, 400, null].map(isHttpError)).toEqual([false, true, false]);
});
