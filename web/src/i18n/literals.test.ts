import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sentencesIn, wordsInComponent } from '../testing/literals';

const SOURCES = new URL('../', import.meta.url);

/** Names, units, and examples of what is typed. */
const ALLOWED = [
  'Firstbyte',
  '– Firstbyte',
  'ms',
  'https → http',
  'https://www.example.net/',
  'fbt_…',
];

const read = (path: string) => readFileSync(new URL(path, SOURCES), 'utf8');
const paths = readdirSync(SOURCES, { recursive: true })
  .map((path) => String(path))
  .filter((path) => !/^(i18n|testing)\/|\.test\.ts$/.test(path));
const components = paths.filter((path) => path.endsWith('.svelte'));
const scripts = paths.filter((path) => path.endsWith('.ts'));

test('there are sources to look at', () => {
  expect(components.length).toBeGreaterThan(20);
  expect(scripts.length).toBeGreaterThan(20);
});

test.each(components)('%s takes its words from the messages', (path) => {
  expect(wordsInComponent(read(path)).filter((words) => !ALLOWED.includes(words))).toEqual([]);
});

test.each(scripts)('%s takes its sentences from the messages', (path) => {
  expect(sentencesIn(read(path))).toEqual([]);
});
