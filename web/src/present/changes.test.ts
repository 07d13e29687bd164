import { expect, test } from 'vitest';
import { goldenComparison } from '../testing/goldens';
import { changeIn } from './changes';

test('a city that moved is told, one that did not is not', () => {
  const comparison = goldenComparison();
  comparison.cities.find(({ agent_id }) => agent_id === 'tokyo')!.change = 'unchanged';
  expect(changeIn(comparison, 'new-york')).toBe('moved');
  expect(changeIn(comparison, 'tokyo')).toBeNull();
});

test('without a test before, and of a city that is in neither, nobody knows', () => {
  expect(changeIn(null, 'new-york')).toBeNull();
  expect(changeIn(goldenComparison(), 'oslo')).toBeNull();
});
