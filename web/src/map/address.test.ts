import { expect, test } from 'vitest';
import { isMapOpen, searchWithMap } from './address';

test('the map is open where the address says so', () => {
  expect(isMapOpen('?before=a&view=map')).toBe(true);
  expect(isMapOpen('?view=table')).toBe(false);
});

test('what else the address says stays', () => {
  expect(searchWithMap('?before=a', true)).toBe('?before=a&view=map');
  expect(searchWithMap('?before=a&view=map', false)).toBe('?before=a');
  expect(searchWithMap('?view=map', false)).toBe('');
});
