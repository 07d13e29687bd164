import { afterEach, expect, test } from 'vitest';
import { speak } from '../i18n/language.svelte';
import { markupOf, textOf } from '../testing/render';
import Header from './Header.svelte';

afterEach(() => speak('en'));

test('an English page offers Chinese by its own name, which is marked as Chinese', () => {
  expect(markupOf(Header, { notice: '' })).toMatch(/<button[^>]* lang="zh-CN"[^>]*>简体中文</);
});

test('a Chinese page offers English', async () => {
  await speak('zh');
  expect(markupOf(Header, { notice: '' })).toMatch(/<button[^>]* lang="en"[^>]*>English</);
});

test('what the operator wants to be known stays as it is', async () => {
  await speak('zh');
  const markup = markupOf(Header, { notice: 'This is a lab.' });
  expect(markup).toMatch(/role="note" lang="en"[^>]*>This is a lab\.</);
  expect(textOf(markup)).toContain('首字节');
});
