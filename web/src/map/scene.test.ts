import { expect, test } from 'vitest';
import type { City, EdgeEntry } from '../api/types';
import {
  finishedCity,
  goldenCity,
  goldenComparison,
  runningCity,
  testOf,
} from '../testing/goldens';
import { cityOf, failureOf } from '../testing/measurements';
import { describeCatchment, describeCity, describeSite, describeUnplaced } from './describe';
import { sceneOf } from './scene';

const NY1 = { city: 'New York', country: 'US', latitude: 40.71, longitude: -74.01 };
const LA1: EdgeEntry = {
  id: 'LA1',
  city: 'Los Angeles',
  country: 'US',
  latitude: 34.05,
  longitude: -118.24,
};

function answeredBy(name: string, edge: string | null, place: typeof NY1 | null): City {
  const city = finishedCity(name, 34_000);
  city.result!.edge = edge;
  city.result!.edge_location = place;
  return city;
}

const drawn = (cities: City[], catalogue: EdgeEntry[] = []) =>
  sceneOf({ test: testOf(cities) }, catalogue);

test('an edge stands where the result says, with the cities that it answered', () => {
  const { edges, unplaced } = drawn([
    answeredBy('Oslo', 'ny1', NY1),
    answeredBy('Rio', 'ny1', NY1),
  ]);
  expect(edges).toHaveLength(1);
  expect(describeSite(edges[0]!)).toBe('ny1, New York');
  expect(describeCatchment(edges[0]!)).toBe('Oslo, Rio');
  expect(unplaced).toEqual([]);
});

test('an edge of the catalogue that answered nobody is drawn all the same', () => {
  const { edges } = drawn([answeredBy('Oslo', 'ny1', NY1)], [LA1]);
  expect(edges.map((edge) => [edge.name, describeCatchment(edge)])).toEqual([
    ['LA1', 'no city'],
    ['ny1', 'Oslo'],
  ]);
});

test('however its name is spelt it is one edge', () => {
  const { edges } = drawn([answeredBy('Oslo', 'la1', null), answeredBy('Rio', 'La1', null)], [LA1]);
  expect(edges.map(({ cities }) => cities.length)).toEqual([2]);
});

test('an edge of which nobody knows where it stands is told', () => {
  const scene = drawn([answeredBy('Oslo', 'x9', null), answeredBy('Rio', 'x9', null)]);
  expect(scene.edges).toEqual([]);
  expect(describeUnplaced(scene)).toBe(
    'Not on the map, as nobody has said where they stand: x9 (2 cities).',
  );
});

test('a city is drawn by its rating; without data and on the way it is neither well nor failed', () => {
  const { cities } = drawn([
    answeredBy('Oslo', null, null),
    goldenCity('frankfurt'),
    goldenCity('sao-paulo'),
    runningCity('Rio', 'tls'),
  ]);
  expect(cities.map(({ sign }) => sign)).toEqual(['excellent', 'failed', 'no_data', 'measuring']);
  expect(cities.map(describeCity)).toEqual([
    'Oslo: excellent, TTFB 34.0 ms',
    'Frankfurt: failed',
    'São Paulo: no data',
    'Rio: measuring',
  ]);
});

test('of two tests a city whose agent failed has no data, as in their table', () => {
  const comparison = goldenComparison();
  const [compared] = comparison.cities;
  const failure = failureOf({ phase: 'dns', origin: 'agent' });
  const after = cityOf({ state: 'failed', rating: 'failed', failure });
  const { cities } = sceneOf(
    { comparison: { ...comparison, cities: [{ ...compared!, after }] } },
    [],
  );
  expect(cities.map(({ sign }) => sign)).toEqual(['no_data']);
});

test('of two tests a city that moved has both answers, the others one', () => {
  const comparison = goldenComparison();
  const { cities } = sceneOf({ comparison }, []);
  const [newYork, ...others] = cities;
  expect(newYork!.formerly?.edge).toBe('ny1');
  expect(newYork!.answer?.edge).toBe('la1');
  expect(others.every(({ formerly }) => formerly === null)).toBe(true);
});
