import { expect, test } from 'vitest';
import { markupOf, textOf } from '../testing/render';
import SignIn from './SignIn.svelte';

const form = (props: { busy?: boolean; error?: string }) =>
  markupOf(SignIn, { busy: false, error: null, onsignin: () => {}, ...props });

test('the reader learns what is asked for, and who has it', () => {
  expect(textOf(form({}))).toMatch(/API token .* Sign in$/);
  expect(textOf(form({}))).toContain('firstbyte-collector tokens create');
});

test('a token is not shown while it is typed, nor offered to be kept', () => {
  expect(form({})).toMatch(/<input[^>]* type="password"[^>]* autocomplete="off"/);
});

test('a refused token is one alert at the field', () => {
  const refused = form({ error: 'this is no token' });
  expect(refused).toMatch(/role="alert"[^>]*>this is no token</);
  expect(refused).toContain('aria-invalid="true"');
});

test('while it is asked nothing can be sent twice', () => {
  expect(form({ busy: true })).toMatch(/<button[^>]* disabled[^>]*>Signing in…/);
});
