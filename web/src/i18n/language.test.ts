import { afterEach, expect, test } from 'vitest';
import { en } from './en';
import { language, messages, speak } from './language.svelte';
import { zh } from './zh';

afterEach(() => speak('en'));

test('the page begins in English', () => {
  expect([language(), messages()]).toEqual(['en', en]);
});

test('the page speaks Chinese once its messages are there', async () => {
  expect(await speak('zh')).toBe(true);
  expect([language(), messages()]).toEqual(['zh', zh]);
});

test('messages that do not load leave the page as it was', async () => {
  expect(await speak('zh', () => Promise.reject(new TypeError('Failed to fetch')))).toBe(false);
  expect([language(), messages()]).toEqual(['en', en]);
});
