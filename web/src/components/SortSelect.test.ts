import { expect, test } from 'vitest';
import { markupOf } from '../testing/render';
import SortSelect from './SortSelect.svelte';

const markup = markupOf(SortSelect, {
  columns: ['city', 'ttfb'],
  sort: { column: 'ttfb', direction: 'descending' },
  onsort: () => {},
});

test('every column can be chosen, and the present one is', () => {
  expect([...markup.matchAll(/<option value="(\w+)"/g)].map((hit) => hit[1])).toEqual([
    'city',
    'ttfb',
  ]);
  expect(markup).toMatch(/<option value="ttfb"[^>]* selected/);
});

test('the button says which way it turns the order', () => {
  expect(markup).toContain('aria-label="descending: make it ascending"');
});
