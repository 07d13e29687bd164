import { expect, test } from 'vitest';
import { markupOf, textOf } from '../testing/render';
import TestForm from './TestForm.svelte';

const form = (props: { busy?: boolean; error?: { sentence: string; field: string | null } }) =>
  markupOf(TestForm, { url: 'https://a/', busy: false, error: null, onstart: () => {}, ...props });

test('an idle form offers to start', () => {
  expect(textOf(form({}))).toBe('URL Start test');
});

test('a busy form says so and takes no second click', () => {
  expect(form({ busy: true })).toMatch(/<button[^>]* disabled[^>]*>Testing…/);
});

test('a problem is one alert beside the field', () => {
  expect(form({ error: { sentence: 'not ftp', field: '/url' } })).toMatch(
    /role="alert"[^>]*>not ftp</,
  );
});

test('a problem with the URL marks the field as invalid', () => {
  expect(form({ error: { sentence: 'not ftp', field: '/url' } })).toContain('aria-invalid="true"');
});

test('a problem of another kind leaves the field alone', () => {
  expect(form({ error: { sentence: 'away', field: null } })).not.toContain('aria-invalid');
});
