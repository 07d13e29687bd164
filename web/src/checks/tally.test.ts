import { expect, test } from 'vitest';
import { decodeChecks } from '../api/decode';
import { golden } from '../testing/goldens';
import { tally } from './tally';

const [front, api] = decodeChecks(golden('targets.json')) ?? [];

test('cities are counted by their state, and no data is a state of its own', () => {
  expect(tally(front!)).toEqual([
    { state: 'no_data', cities: 2 },
    { state: 'finished', cities: 1 },
  ]);
});

test('a check that no city has is in no state', () => {
  expect(tally(api!)).toEqual([]);
});
