import { expect, test } from 'vitest';
import type { CityResult } from '../api/types';
import { goldenCity } from '../testing/goldens';
import { redirectTarget } from './redirect';

const answer = (status: number, headers: CityResult['headers']) =>
  ({ ...goldenCity('new-york').result, status, headers }) as CityResult;

const targetOf = (location: string, status = 302) =>
  redirectTarget(answer(status, [['location', location]]), 'https://www.example.net/a/b');

test('a redirect leads to its Location', () => {
  expect(targetOf('https://other.example/')).toBe('https://other.example/');
});

test('a relative Location counts from the tested URL', () => {
  expect([targetOf('c'), targetOf('/d'), targetOf('//e.example/')]).toEqual([
    'https://www.example.net/a/c',
    'https://www.example.net/d',
    'https://e.example/',
  ]);
});

test('what cannot be probed is not offered', () => {
  expect([targetOf('mailto:a@b.example'), targetOf('https://')]).toEqual([null, null]);
});

test('a Location beside another status is no redirect', () => {
  expect([targetOf('/d', 201), targetOf('/d', 304)]).toEqual([null, null]);
});

test('a redirect without a Location leads nowhere', () => {
  expect(redirectTarget(answer(302, []), 'https://www.example.net/')).toBeNull();
});

test('of a redirect from an unknown place it is not known where it leads', () => {
  expect(redirectTarget(answer(302, [['location', '/d']]), null)).toBeNull();
});
