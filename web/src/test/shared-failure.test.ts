import { expect, test } from 'vitest';
import type { City, Failure } from '../api/types';
import { failedCity, finishedCity, testOf } from '../testing/goldens';
import { sharedFailure } from './shared-failure';

const REFUSED: Failure = {
  phase: 'dns',
  origin: 'resolver',
  cause: 'refused',
  message: 'the resolver refused to answer',
  tls_alert: null,
};
const refused = (name: string) => failedCity(name, REFUSED);
const doneTest = (cities: City[]) => ({ ...testOf(cities), state: 'finished' });

test('what most cities failed with is shared, with how many they are', () => {
  const cities = [refused('Oslo'), finishedCity('Lima', 9000), refused('Cairo')];
  expect(sharedFailure(doneTest(cities))).toEqual({ ...REFUSED, count: 2 });
});

test('what half of the cities failed with is not', () => {
  const cities = [refused('Oslo'), refused('Cairo'), finishedCity('Lima', 1), finishedCity('X', 1)];
  expect(sharedFailure(doneTest(cities))).toBeNull();
});

test('the same words in another phase are another failure', () => {
  const cities = [refused('Oslo'), failedCity('Cairo', { ...REFUSED, phase: 'connect' })];
  expect(sharedFailure(doneTest(cities))).toBeNull();
});

test('a single city shares with nobody', () => {
  expect(sharedFailure(doneTest([refused('Oslo')]))).toBeNull();
});

test('while the test runs each row speaks for itself', () => {
  expect(sharedFailure(testOf([refused('Oslo'), refused('Cairo')]))).toBeNull();
});
