import { expect, test } from 'vitest';
import { markupOf, textOf } from '../testing/render';
import SharedFailure from './SharedFailure.svelte';

const FAILURE = {
  phase: 'dns',
  origin: 'resolver',
  cause: 'refused',
  message: 'no answer',
  tls_alert: null,
} as const;

test('a shared failure is one sentence, with its phase and its origin', () => {
  const markup = markupOf(SharedFailure, { failure: { ...FAILURE, count: 13 }, total: 14 });
  expect(textOf(markup)).toBe('13 of 14: no answer (dns, resolver)');
});

test('a failure outside any phase has an origin only', () => {
  const failure = { ...FAILURE, phase: null, origin: 'agent', count: 2 };
  expect(textOf(markupOf(SharedFailure, { failure, total: 2 }))).toBe('2 of 2: no answer (agent)');
});
