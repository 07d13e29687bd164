import { afterEach, expect, test } from 'vitest';
import { speak } from '../i18n/language.svelte';
import {
  failedCity,
  finishedCity,
  goldenCity,
  goldenComparison,
  runningCity,
  testOf,
} from '../testing/goldens';
import { failureOf } from '../testing/measurements';
import { chatTextOfComparison, chatTextOfTest } from './chat';

const ADDRESS = 'https://firstbyte.example/tests/0k3v9x2m7qf5d';

afterEach(() => speak('en'));

const refused = (name: string) => failedCity(name, failureOf({ cause: 'refused' }));
const cities = () => [
  finishedCity('Oslo', 34_000),
  finishedCity('Lima', 231_000),
  finishedCity('Rome', 48_000),
  refused('Bonn'),
  goldenCity('sao-paulo'),
];

test('a test is told in a few lines', () => {
  expect(chatTextOfTest(testOf(cities()), null, ADDRESS).split('\n')).toEqual([
    'https://www.example.net/, tested 23 Nov 2026 03:10 UTC',
    '3 of 5 cities answered; median TTFB 48.0 ms, worst 231 ms (Lima)',
    'Failures: refused (Bonn); offline (São Paulo)',
    ADDRESS,
  ]);
});

test('the same in Chinese', async () => {
  await speak('zh');
  expect(chatTextOfTest(testOf(cities()), null, ADDRESS).split('\n')).toEqual([
    'https://www.example.net/，测试于 2026 年 11 月 23 日 03:10 UTC',
    '5 个城市中有 3 个有响应；TTFB 中位数 48.0 ms，最慢 231 ms（Lima）',
    '失败：连接被拒绝（Bonn）；探针离线（圣保罗）',
    ADDRESS,
  ]);
});

test('who moved since the test before is told', () => {
  const lines = chatTextOfTest(testOf([finishedCity('Oslo', 1000)]), goldenComparison(), ADDRESS);
  expect(lines.split('\n')[2]).toMatch(/^1 of 1 city moved: New York ny1 → la1/);
});

test('an error page is counted, and its speed is not', () => {
  const error = finishedCity('Lima', 900_000);
  error.result!.status = 503;
  const text = chatTextOfTest(testOf([finishedCity('Oslo', 34_000), error]), null, ADDRESS);
  expect(text).toContain(
    '2 of 2 cities answered, 1 with HTTP 503; median TTFB 34.0 ms, worst 34.0',
  );
});

test('of many cities with one cause the number is told, the most frequent cause first', () => {
  const many = ['A', 'B', 'C', 'D', 'E'].map(refused);
  expect(chatTextOfTest(testOf([goldenCity('sao-paulo'), ...many]), null, ADDRESS)).toContain(
    'Failures: refused (5 cities); offline (São Paulo)',
  );
});

test('cities under way are neither answers nor failures', () => {
  expect(chatTextOfTest(testOf([runningCity('Oslo', 'tls')]), null, ADDRESS)).toContain(
    '0 of 1 city answered; 1 city still measuring',
  );
});

test('a value from outside is on one line and turns no direction', () => {
  const test = testOf([finishedCity('Oslo\n\u202eevil', 34_000)]);
  expect(chatTextOfTest(test, null, ADDRESS).split('\n')[1]).toBe(
    '1 of 1 city answered; median TTFB 34.0 ms, worst 34.0 ms (Oslo evil)',
  );
});

test('a comparison is told by its times, its sentence and its address', () => {
  const [heading, verdict, address] = chatTextOfComparison(goldenComparison(), ADDRESS).split('\n');
  expect(heading).toBe('https://www.example.net/, 23 Nov 2026 03:10 UTC → 23 Nov 2026 03:11 UTC');
  expect(verdict).toContain('New York ny1 → la1, TTFB 34.0 → 231 ms');
  expect(address).toBe(ADDRESS);
});
