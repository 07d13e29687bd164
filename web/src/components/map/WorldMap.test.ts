import { expect, test } from 'vitest';
import { goldenComparison, goldenTest } from '../../testing/goldens';
import { markupOf, textOf } from '../../testing/render';
import WorldMap from './WorldMap.svelte';

const catalogue = [
  { id: 'ny1', city: 'New York', country: 'US', latitude: 40.71, longitude: -74.01 },
  { id: 'la1', city: 'Los Angeles', country: 'US', latitude: 34.05, longitude: -118.24 },
];
const markup = (subject: Parameters<typeof markupOf<typeof WorldMap>>[1]['subject']) =>
  markupOf(WorldMap, { subject, catalogue, onchoose: () => {} });

test('each city is a link to its row that tells what its sign does', () => {
  const shown = markup({ test: goldenTest() });
  expect(shown).toMatch(
    /<a href="#new-york"[^>]*aria-label="New York: excellent, TTFB 34.0 ms, by ny1"/,
  );
  expect(shown).toMatch(/<a href="#sao-paulo"[^>]*aria-label="São Paulo: no data"/);
});

test('all that is drawn is also told', () => {
  const shown = textOf(markup({ test: goldenTest() }));
  expect(shown).toContain('ny1, New York New York');
  expect(shown).toContain('la1, Los Angeles no city');
});

test('a city that moved has its earlier way beside its present one', () => {
  expect(markup({ comparison: goldenComparison() })).toContain('class="way former');
  expect(markup({ test: goldenTest() })).not.toContain('class="way former');
});
