import type { ComponentProps } from 'svelte';
import { expect, test } from 'vitest';
import { usualOptions } from '../test/options';
import { markupOf, textOf } from '../testing/render';
import TestForm from './TestForm.svelte';

const form = (props: Partial<ComponentProps<typeof TestForm>>) =>
  markupOf(TestForm, {
    url: 'https://a/',
    options: usualOptions(),
    agents: null,
    busy: false,
    again: false,
    error: null,
    ignored: [],
    rateLimit: null,
    onstart: () => {},
    onoptions: () => {},
    ...props,
  });

test('an idle form offers to start, its options folded away', () => {
  expect(textOf(form({}))).toBe('URL Start test Options');
  expect(form({})).not.toMatch(/<details[^>]* open/);
});

test('a busy form says so and takes no second click', () => {
  expect(form({ busy: true })).toMatch(/<button[^>]* disabled[^>]*>\s*Testing…/);
});

test('a test that is done can be run again', () => {
  expect(textOf(form({ again: true }))).toContain('Run again');
});

test('what is set is told while it is folded away', () => {
  const options = { ...usualOptions(), method: 'HEAD', samples: 3 };
  expect(textOf(form({ options }))).toContain('Options HEAD, 3 samples');
});

test('a problem is one alert beside the field', () => {
  expect(form({ error: { sentence: 'not ftp', field: '/url' } })).toMatch(
    /role="alert"[^>]*>not ftp</,
  );
});

test('a problem with the URL marks the field as invalid', () => {
  const markup = form({ error: { sentence: 'not ftp', field: '/url' } });
  expect(markup).toMatch(/aria-invalid="true" aria-describedby="url-error"/);
  expect(markup).toContain('id="url-error"');
});

test('a problem of another kind leaves the field alone', () => {
  expect(form({ error: { sentence: 'away', field: null } })).not.toContain('aria-invalid');
});

test('a problem with an option is not told at the URL', () => {
  const markup = form({ error: { sentence: 'too many', field: '/samples' } });
  expect(markup).not.toContain('too many');
  expect(markup).not.toContain('url-error');
});

test('options in the address that cannot be meant are told in a sentence', () => {
  expect(textOf(form({ ignored: ['samples=99', 'family=<b>'] }))).toContain(
    'These options in the address of this page are not valid and were left out: samples=99, family=<b>.',
  );
});
