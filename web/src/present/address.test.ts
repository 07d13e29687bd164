import { expect, test } from 'vitest';
import { carried, isPresent, presented } from './address';

test('a presentation goes on with the next test', () => {
  expect(carried('/tests/b?before=a', '?present')).toBe('/tests/b?before=a&present');
  expect(carried('/tests/b', '?present&before=x')).toBe('/tests/b?present');
});

test('what is no presentation does not become one', () => {
  expect(carried('/tests/b?before=a#tokyo', '?before=x')).toBe('/tests/b?before=a#tokyo');
});

test('a presentation is told by its member, whatever its value', () => {
  expect(['?present', '?before=a&present=1', '?presently', ''].map(isPresent)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('it begins and ends in the address alone', () => {
  const address = presented('/tests/b?before=a&sort=ttfb#tokyo', true);
  expect(address).toBe('/tests/b?before=a&sort=ttfb&present#tokyo');
  expect(presented(address, false)).toBe('/tests/b?before=a&sort=ttfb#tokyo');
});

test('an address that has it already stays as it is', () => {
  expect(presented('/?present', true)).toBe('/?present');
});
