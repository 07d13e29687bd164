import { expect, test } from 'vitest';
import { cityIdOf, pathOf, testIdOf } from './route';

test('the root shows no test', () => {
  expect(testIdOf('/')).toBeNull();
});

test('a test’s address holds its id', () => {
  expect(testIdOf('/tests/0k3v9x2m7qf5d')).toBe('0k3v9x2m7qf5d');
});

test('an address below a test is not a test', () => {
  expect(testIdOf('/tests/a/b')).toBeNull();
});

test('an id that is not well escaped is taken as it stands', () => {
  expect(testIdOf('/tests/%')).toBe('%');
});

test('an id survives its address', () => {
  expect(testIdOf(pathOf('ä b'))).toBe('ä b');
});

test('the fragment names a city', () => {
  expect([cityIdOf('#new-york'), cityIdOf('')]).toEqual(['new-york', '']);
});
