import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CAUSES } from '../api/types';
import { wordsOf } from './causes';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

test('every cause that the API describes has words', () => {
  const api = JSON.parse(read('schema/openapi.json'));
  const causes: string[] = api.components.schemas.Failure.properties.cause.enum;
  expect(causes.length).toBeGreaterThan(0);
  expect(causes.filter((cause) => wordsOf(cause) === null)).toEqual([]);
});

test('the causes are those of the agents, and no others', () => {
  const [, list] = /kCauseNames\{([^}]*)\}/.exec(read('common/measurement.cc')) ?? [];
  const names = [...(list ?? '').matchAll(/"(\w+)"/g)].map((hit) => hit[1]);
  expect([...CAUSES]).toEqual(names);
});

test('a cause is a sentence that says what it means, and one that says what to look at', () => {
  for (const cause of CAUSES) {
    expect(wordsOf(cause)?.meaning, cause).toMatch(/^[A-Z].*\.$/);
    expect(wordsOf(cause)?.next, cause).toMatch(/^[A-Z].*\.$/);
  }
});

test('a probe is cancelled by its agent that goes down, or by the collector', () => {
  expect(wordsOf('cancelled')?.meaning).toMatch(/agent went down, or the collector cancelled it/);
});

test('a cause from a newer collector has no words', () => {
  expect(wordsOf('eclipse')).toBeNull();
});
