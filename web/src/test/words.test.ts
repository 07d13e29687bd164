import { expect, test } from 'vitest';
import { CITY_STATES } from '../api/types';
import { STATE_WORDS } from './words';

test('every state has a word of its own', () => {
  expect(new Set(Object.values(STATE_WORDS)).size).toBe(CITY_STATES.length);
});
