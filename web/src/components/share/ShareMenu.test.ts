import { expect, test } from 'vitest';
import { goldenComparison, goldenTest } from '../../testing/goldens';
import { markupOf, textOf } from '../../testing/render';
import ShareMenu from './ShareMenu.svelte';

const ofTest = () =>
  markupOf(ShareMenu, { subject: { kind: 'test', test: goldenTest(), comparison: null } });

test('a test is offered in each form', () => {
  expect(textOf(ofTest())).toBe(
    'Share Copy link to this view Copy as text for chat Table as CSV Data as JSON ' +
      'Picture of the table (PNG) Report that works offline (HTML)',
  );
});

test('table and data are links to the API, so that a browser saves them itself', () => {
  expect(ofTest()).toContain(
    'href="/api/v1/tests/0k3v9x2m7qf5d.csv?bom=1" download="firstbyte-0k3v9x2m7qf5d.csv"',
  );
  expect(ofTest()).toContain(
    'href="/api/v1/tests/0k3v9x2m7qf5d" download="firstbyte-0k3v9x2m7qf5d.json"',
  );
});

test('of a comparison there is neither table nor report', () => {
  const markup = markupOf(ShareMenu, {
    subject: { kind: 'comparison', comparison: goldenComparison() },
  });
  expect(textOf(markup)).toBe(
    'Share Copy link to this view Copy as text for chat Data as JSON Picture of the table (PNG)',
  );
});

test('the menu is closed until it is opened, and tells how each of them ended', () => {
  expect(ofTest()).toMatch(/<details class="share[^"]*"(?! open)/);
  expect(ofTest()).toMatch(/<p role="status"/);
});
