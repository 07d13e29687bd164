import { expect, test } from 'vitest';
import { goldenComparison } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import ComparisonTable from './ComparisonTable.svelte';

const markup = markupOf(ComparisonTable, { comparison: goldenComparison() });

test('what moved comes first, with both edges and both times', () => {
  const rows = markup.split('<tr').slice(2);
  expect(textOf('<tr' + rows[0]!)).toMatch(/^New York Moved ny1 → la1 200 .* 34\.0 → 231 \+197$/);
});

test('a side of which nothing is known says nothing', () => {
  const row = markup.split('<tr').find((one) => one.includes('data-agent="tokyo"'))!;
  expect(textOf('<tr' + row)).toMatch(/^Tokyo Before only – Timed out → – /);
});

test('each city leads to its detail', () => {
  expect(markup).toContain('href="/tests/0k3v9x2m7qf5f#new-york"');
  expect(markup).toContain('href="/tests/0k3v9x2m7qf5d#tokyo"');
});
