import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { finishedCity } from '../testing/goldens';
import { markupOf } from '../testing/render';
import ResultRow from '../components/ResultRow.svelte';
import {
  enterPresentation,
  followPresentation,
  isPresenting,
  leavePresentation,
  staying,
} from './present.svelte';

/** A browser that shows one address, and may refuse full screen. */
function browse(address: string, requestFullscreen?: () => Promise<void>) {
  const page = { fullscreenElement: null as object | null };
  const shown = new URL(address, 'https://firstbyte.example');
  vi.stubGlobal('location', shown);
  vi.stubGlobal('history', {
    state: null,
    replaceState: (_state: unknown, _title: string, next: string) => {
      shown.href = new URL(next, shown).href;
    },
  });
  vi.stubGlobal('document', {
    get fullscreenElement() {
      return page.fullscreenElement;
    },
    documentElement: { requestFullscreen },
    exitFullscreen: async () => void (page.fullscreenElement = null),
  });
  followPresentation();
  return { page, address: () => shown.pathname + shown.search + shown.hash };
}

beforeEach(() => void browse('/'));
afterEach(() => {
  vi.unstubAllGlobals();
});

test('the address alone makes a presentation', () => {
  browse('/tests/a?present');
  expect(isPresenting()).toBe(true);
  browse('/tests/a');
  expect(isPresenting()).toBe(false);
});

test('it begins and ends without another page in the history', async () => {
  const { address } = browse('/tests/a?before=b#tokyo');
  await enterPresentation();
  expect([isPresenting(), address()]).toEqual([true, '/tests/a?before=b&present#tokyo']);
  await leavePresentation();
  expect([isPresenting(), address()]).toEqual([false, '/tests/a?before=b#tokyo']);
});

test('a browser that refuses full screen, or has none, presents all the same', async () => {
  browse('/tests/a', () => Promise.reject(new TypeError('not allowed')));
  await enterPresentation();
  expect(isPresenting()).toBe(true);
});

test('who leaves leaves the full screen as well', async () => {
  const { page } = browse('/tests/a?present');
  page.fullscreenElement = {};
  await leavePresentation();
  expect(page.fullscreenElement).toBeNull();
});

test('the next test is presented if this one is', () => {
  browse('/tests/a?present');
  expect(staying('/tests/b?before=a')).toBe('/tests/b?before=a&present');
  browse('/tests/a');
  expect(staying('/tests/b?before=a')).toBe('/tests/b?before=a');
});

test('outside of a presentation a row says nothing of changes', () => {
  const row = markupOf(ResultRow, {
    city: finishedCity('Oslo', 34_000),
    url: 'https://www.example.net/',
    scaleUs: 34_000,
    explained: false,
    columns: 9,
    open: false,
    ontoggle: () => {},
  });
  expect(row).not.toContain('data-change');
});
