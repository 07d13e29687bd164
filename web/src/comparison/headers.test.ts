import { expect, test } from 'vitest';
import { goldenComparison } from '../testing/goldens';
import { headerChanges, headerDifferences } from './headers';

test('a header that came is told with the cities where it did', () => {
  expect(headerChanges(goldenComparison())).toContain('x-version: absent → v412 in New York');
});

test('a value that turns the line around is shown as what it is', () => {
  const comparison = goldenComparison();
  comparison.headers.differences = [
    { name: 'via', values: [{ value: 'a\u202eb', agent_ids: ['frankfurt'] }] },
  ];
  expect(headerDifferences(comparison)).toEqual(['via: a⟨U+202E⟩b in Frankfurt']);
});

test('many cities are counted', () => {
  const comparison = goldenComparison();
  comparison.headers.differences = [
    {
      name: 'x-version',
      values: [
        { value: 'v412', agent_ids: ['a', 'b', 'c', 'd'] },
        { value: null, agent_ids: ['frankfurt'] },
      ],
    },
  ];
  expect(headerDifferences(comparison)).toEqual([
    'x-version: v412 in 4 cities, absent in Frankfurt',
  ]);
});
