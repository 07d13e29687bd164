import { expect, test } from 'vitest';
import { markupOf } from '../testing/render';
import MissingTest from './MissingTest.svelte';

test('a test that is not there is told, with a way back', () => {
  const markup = markupOf(MissingTest, { reason: 'no test is called "x"' });
  expect(markup).toMatch(/role="alert"[^>]*>no test is called "x"</);
  expect(markup).toContain('href="/"');
});
