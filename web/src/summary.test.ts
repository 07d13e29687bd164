import { expect, test } from 'vitest';
import type { City } from './api/types';
import { failedCity, finishedCity, goldenTest, testOf } from './testing/goldens';
import { summarize } from './summary';

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

function answerOf(name: string, ttfbUs: number, status: number): City {
  const city = finishedCity(name, ttfbUs);
  if (city.result) city.result.status = status;
  return city;
}

const cutOff = (name: string) =>
  failedCity(name, {
    phase: 'transfer',
    origin: 'target',
    cause: 'timeout',
    message: 'the answer did not end within 10 s',
    tls_alert: null,
  });

test('HTTP errors are told by their status, and their speed is not', () => {
  expect(summarize(testOf([answerOf('Oslo', 30000, 503), answerOf('Lima', 1000, 503)]))).toBe(
    '2 of 2 cities answered, all with HTTP 503',
  );
});

test('a few HTTP errors among the answers are counted', () => {
  const cities = [answerOf('Oslo', 30000, 200), answerOf('Lima', 1, 503), answerOf('Rome', 1, 404)];
  expect(summarize(testOf(cities))).toBe(
    '3 of 3 cities answered, 2 with an HTTP error (404, 503); Oslo 30.0 ms',
  );
});

test('an answer that did not end is not told as no answer', () => {
  expect(summarize(testOf([cutOff('Oslo'), cutOff('Lima')]))).toBe(
    '2 of 2 cities got a first byte, but the answer did not end',
  );
});

test('an answer that did not end is counted apart from the failed', () => {
  expect(summarize(testOf([cutOff('Lima'), ...goldenTest().cities]))).toBe(
    '1 of 5 cities answered; New York 34.0 ms; ' +
      '1 got a first byte, but the answer did not end; 1 failed, 1 offline',
  );
});
