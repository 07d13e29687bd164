import { expect, test } from 'vitest';
import { count } from './count';

test('one is singular', () => {
  expect([count(1, 'city', 'cities'), count(0, 'city', 'cities')]).toEqual(['1 city', '0 cities']);
});

test('a plural that is not told ends in s', () => {
  expect(count(2, 'result')).toBe('2 results');
});
