import { afterEach, expect, test } from 'vitest';
import { speak } from '../i18n/language.svelte';
import { markupOf, textOf } from '../testing/render';
import Header from './Header.svelte';

afterEach(() => speak('en'));

test('an English page offers Chinese by its own name, which is marked as Chinese', () => {
  expect(markupOf(Header, { notice: '', url: '' })).toMatch(
    /<button[^>]* lang="zh-CN"[^>]*>简体中文</,
  );
});

test('a Chinese page offers English', async () => {
  await speak('zh');
  expect(markupOf(Header, { notice: '', url: '' })).toMatch(/<button[^>]* lang="en"[^>]*>English</);
});

test('what the operator wants to be known stays as it is', async () => {
  await speak('zh');
  const markup = markupOf(Header, { notice: 'This is a lab.', url: '' });
  expect(markup).toMatch(/role="note" lang="en"[^>]*>This is a lab\.</);
  expect(textOf(markup)).toContain('首字节');
});

test('the header leads to the tests of the URL that is in the field', () => {
  expect(markupOf(Header, { notice: '', url: 'https://a/?b' })).toContain(
    'href="/history?url=https%3A%2F%2Fa%2F%3Fb"',
  );
  expect(markupOf(Header, { notice: '', url: '' })).not.toContain('/history');
});
