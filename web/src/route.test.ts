import { expect, test } from 'vitest';
import { cityIdOf, pathOf, pathOfComparison, pathOfHistory, routeOf } from './route';

const NOTHING = { test: null, comparison: null, history: null };

test('the root shows neither a test nor a comparison', () => {
  expect(routeOf('/')).toEqual(NOTHING);
});

test('a test’s address holds its id', () => {
  expect(routeOf('/tests/0k3v9x2m7qf5d').test).toEqual({ id: '0k3v9x2m7qf5d', before: null });
});

test('a test’s address may name the one before it', () => {
  expect(routeOf('/tests/b?before=a').test).toEqual({ id: 'b', before: 'a' });
});

test('an address below a test is not a test', () => {
  expect(routeOf('/tests/a/b')).toEqual(NOTHING);
});

test('an id that is not well escaped is taken as it stands', () => {
  expect(routeOf('/tests/%').test?.id).toBe('%');
});

test('an id survives its address', () => {
  expect(routeOf(pathOf('ä b', 'c&d')).test).toEqual({ id: 'ä b', before: 'c&d' });
});

test('a comparison’s address names both tests', () => {
  expect(routeOf('/compare/a/b/').comparison).toEqual({ before: 'a', after: 'b' });
  expect(routeOf(pathOfComparison('ä/b', 'c')).comparison).toEqual({ before: 'ä/b', after: 'c' });
  expect(routeOf('/compare/a')).toEqual(NOTHING);
});

test('a history’s address names the URL, or leaves it to the collector', () => {
  expect(routeOf(pathOfHistory('https://a/?b=c&d#e')).history).toEqual({
    url: 'https://a/?b=c&d#e',
  });
  expect(routeOf('/history').history).toEqual({ url: '' });
  expect(routeOf('/history/a')).toEqual(NOTHING);
});

test('the fragment names a city', () => {
  expect([cityIdOf('#new-york'), cityIdOf('')]).toEqual(['new-york', '']);
});
