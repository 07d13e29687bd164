import { expect, test } from 'vitest';
import { CITY_STATES } from '../api/types';
import { messages } from '../i18n/language.svelte';
import { outcomeOf } from './words';

test('every state has a word of its own', () => {
  expect(new Set(Object.values(messages().states)).size).toBe(CITY_STATES.length);
});

test('waiting for the first byte does not read as if it had come', () => {
  expect(messages().states.wait).toBe('Waiting');
});

test('an answer is finished, with its status beside it', () => {
  expect(outcomeOf('finished', 200)).toMatchObject({
    word: 'Finished',
    tone: 'finished',
    status: 200,
  });
});

test('an HTTP error looks as failed as it is rated', () => {
  expect(outcomeOf('finished', 400)).toMatchObject({
    word: 'HTTP 400',
    tone: 'failed',
    status: null,
  });
});

test('a redirect says so, and that it was not followed', () => {
  const outcome = outcomeOf('finished', 302);
  expect(outcome).toMatchObject({ word: 'Redirect', tone: 'finished', status: 302 });
  expect(outcome.hint).toContain('not followed');
});

test('a failed probe is failed whatever its status', () => {
  expect(outcomeOf('failed', 200)).toMatchObject({ word: 'Failed', tone: 'failed', status: 200 });
});
