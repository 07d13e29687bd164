import { expect, test } from 'vitest';
import type { CityResult } from '../api/types';
import { goldenCity } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import HeaderList from './HeaderList.svelte';

const markup = (agentId: string) =>
  markupOf(HeaderList, { result: goldenCity(agentId).result as CityResult });

test('every header is shown in the order received, repeated names included', () => {
  const names = [...markup('new-york').matchAll(/class="name.*?<\/bdi>/gs)].map(([name]) =>
    textOf(`<${name}`),
  );
  expect(names).toEqual([
    'server',
    'date',
    'content-type',
    'x-edge-route',
    'set-cookie',
    'via',
    'via',
  ]);
});

test('the header that names the edge is marked, by class and by word', () => {
  const marked = markup('new-york').match(/<li class="[^"]*\bedge\b[^"]*">.*?<\/li>/gs) ?? [];
  expect(marked.map(textOf)).toEqual(['x-edge-route : ny1 edge']);
});

test('no headers are told in words', () => {
  expect(textOf(markup('frankfurt'))).toContain('No response headers were received.');
});

const withHeader = (name: string, value: string) => {
  const result = goldenCity('new-york').result as CityResult;
  return markupOf(HeaderList, { result: { ...result, headers: [[name, value]] } });
};

test('markup in a header is text', () => {
  const shown = withHeader('x-html', '<img src=x onerror=alert(1)>');
  expect(shown).not.toContain('<img');
  expect(shown).toContain('&lt;img src=x onerror=alert(1)>');
});

test('a header that would turn its line around is kept to itself, and the mark is told', () => {
  const shown = withHeader('x-rtl', 'a\u202eb');
  expect(shown).not.toContain('\u202e');
  expect(shown).toMatch(/<bdi>a<span[^>]*>U\+202E<\/span>b<\/bdi>/);
});

test('a value of eight kilobytes is cut off, and says how long it is', () => {
  const shown = withHeader('x-long', 'a'.repeat(8192));
  expect(shown).toContain('8192 characters: show all');
  expect(shown.length).toBeLessThan(2000);
});

test('bytes that were no UTF-8 are shown as the collector has them', () => {
  expect(textOf(withHeader('x-latin', 'caf\ufffd'))).toContain('caf\ufffd');
});
