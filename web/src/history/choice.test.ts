import { expect, test } from 'vitest';
import { decodeHistory } from '../api/decode';
import { golden } from '../testing/goldens';
import { pairOf, toggled } from './choice';

const { tests } = decodeHistory(golden('history.json'))!;
const [newer, older] = tests.map(({ id }) => id) as [string, string];

test('of three the one chosen first gives way', () => {
  expect(toggled(toggled(toggled([], 'a'), 'b'), 'c')).toEqual(['b', 'c']);
});

test('what is chosen twice is not chosen', () => {
  expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
});

test('the earlier test is what the later one is compared with, however they were chosen', () => {
  expect(pairOf([newer, older], tests)).toEqual({ before: older, after: newer });
  expect(pairOf([older, newer], tests)).toEqual({ before: older, after: newer });
});

test('one is no pair', () => {
  expect(pairOf([newer], tests)).toBeNull();
});
