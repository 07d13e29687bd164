import { expect, test } from 'vitest';
import type { CityResult } from '../api/types';
import { goldenCity } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import HeaderList from './HeaderList.svelte';

const markup = (agentId: string) =>
  markupOf(HeaderList, { result: goldenCity(agentId).result as CityResult });

test('every header is shown in the order received, repeated names included', () => {
  const names = [...markup('new-york').matchAll(/class="name[^>]*>([^<]*)/g)].map((hit) => hit[1]);
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
