import { expect, test } from 'vitest';
import { decodeAgents } from '../api/decode';
import type { City } from '../api/types';
import { finishedCity, goldenTest, runningCity } from '../testing/goldens';
import {
  DEFAULT_SORT,
  nextSort,
  searchWith,
  sortAgents,
  sortCities,
  sortOf,
  type Sort,
} from './sort';
import { timings } from '../testing/measurements';

const names = (cities: City[]) => cities.map((city) => city.agent.city);
const by = (column: Sort['column'], direction: Sort['direction'] = 'ascending') => ({
  column,
  direction,
});

const oslo = finishedCity('Oslo', 30000);
const lima = finishedCity('Lima', 9000);
const cairo = runningCity('Cairo', 'dns');

test('cities and agents begin in the same order', () => {
  const cities = [oslo, lima, cairo];
  const agents =
    decodeAgents({ agents: cities.map(({ agent }) => ({ agent, state: 'connected' })) }) ?? [];
  expect(names(sortCities(cities, DEFAULT_SORT))).toEqual(['Cairo', 'Lima', 'Oslo']);
  expect(sortAgents(agents).map(({ agent }) => agent.city)).toEqual(['Cairo', 'Lima', 'Oslo']);
});

test('times are sorted as numbers', () => {
  expect(names(sortCities([oslo, lima], by('ttfb')))).toEqual(['Lima', 'Oslo']);
});

test('a city without a value comes last in ascending order', () => {
  expect(names(sortCities([cairo, oslo, lima], by('ttfb')))).toEqual(['Lima', 'Oslo', 'Cairo']);
});

test('a city without a value comes last in descending order', () => {
  const sorted = sortCities([cairo, lima, oslo], by('ttfb', 'descending'));
  expect(names(sorted)).toEqual(['Oslo', 'Lima', 'Cairo']);
});

test('names are sorted as a reader would', () => {
  const sorted = sortCities([finishedCity('Zürich', 1), finishedCity('Århus', 1)], by('city'));
  expect(names(sorted)).toEqual(['Århus', 'Zürich']);
});

test('ratings are sorted from best to worst', () => {
  const slow = finishedCity('Slow', 1);
  if (slow.result) slow.result.rating = 'slow';
  expect(names(sortCities([slow, oslo], by('rating')))).toEqual(['Oslo', 'Slow']);
});

test('a city of which nothing was measured has no rating, and comes after a failed one', () => {
  const sorted = sortCities(goldenTest().cities, by('rating'));
  expect(names(sorted).slice(0, 3)).toEqual(['New York', 'Frankfurt', 'São Paulo']);
});

test('by status, answers come before failures', () => {
  expect(names(sortCities(goldenTest().cities, by('status')))[0]).toBe('New York');
});

test('sorting leaves the list it was given alone', () => {
  const cities = [oslo, lima];
  sortCities(cities, by('ttfb'));
  expect(names(cities)).toEqual(['Oslo', 'Lima']);
});

test('a header sorts ascending, then descending, then by name again', () => {
  const first = nextSort(DEFAULT_SORT, 'ttfb');
  const second = nextSort(first, 'ttfb');
  expect([first, second, nextSort(second, 'ttfb')]).toEqual([
    by('ttfb'),
    by('ttfb', 'descending'),
    DEFAULT_SORT,
  ]);
});

test('the names’ own header turns their order around and back', () => {
  const turned = nextSort(DEFAULT_SORT, 'city');
  expect([turned, nextSort(turned, 'city')]).toEqual([by('city', 'descending'), DEFAULT_SORT]);
});

test('another header starts over, ascending', () => {
  expect(nextSort(by('ttfb', 'descending'), 'edge')).toEqual(by('edge'));
});

test('the agent’s own time is sorted up to the first byte, as it is shown', () => {
  const early = finishedCity('Early', 0);
  const late = finishedCity('Late', 0);
  // The same of it in all, but of one city after the first byte.
  early.result!.timings = timings({ ttfb_us: 33_980 });
  late.result!.timings = timings({ ttfb_us: 33_900 });
  expect(names(sortCities([early, late], by('other')))).toEqual(['Late', 'Early']);
});

test('an address tells by what to sort, and in which direction', () => {
  expect(sortOf('?sort=ttfb&order=desc')).toEqual(by('ttfb', 'descending'));
  expect(sortOf('?before=1&sort=edge')).toEqual(by('edge'));
  expect(sortOf('?order=desc')).toEqual(DEFAULT_SORT);
});

test('an address with a column that is not there is by name', () => {
  expect(sortOf('?sort=constructor&order=desc')).toEqual(DEFAULT_SORT);
});

test('an order is written into the address beside what it says already', () => {
  expect(searchWith('?before=1', by('ttfb', 'descending'))).toBe('?before=1&sort=ttfb&order=desc');
  expect(searchWith('?sort=ttfb&order=desc&before=1', by('edge'))).toBe('?before=1&sort=edge');
  expect(searchWith('', by('city', 'descending'))).toBe('?sort=city&order=desc');
});

test('the usual order is left out of the address', () => {
  expect(searchWith('?sort=ttfb&order=desc', DEFAULT_SORT)).toBe('');
});

test.each(['ascending', 'descending'] as const)('an order %s comes back from its address', (to) => {
  const sort = by('city', to);
  expect(sortOf(searchWith('', sort))).toEqual(sort);
});

test('numbers in names are sorted as numbers', () => {
  const sorted = sortCities([finishedCity('Oslo 10', 1), finishedCity('Oslo 2', 1)], DEFAULT_SORT);
  expect(names(sorted)).toEqual(['Oslo 2', 'Oslo 10']);
});
