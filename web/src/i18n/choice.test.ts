import { afterEach, expect, test } from 'vitest';
import { choose, chosenLanguage } from './choice';
import { language, speak } from './language.svelte';

function memoryOf(kept: Record<string, string> = {}) {
  return () => ({
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
  });
}

const broken = () => {
  throw new DOMException('storage is off', 'SecurityError');
};

const chosen = (...wanted: string[]) => chosenLanguage(wanted, memoryOf());

afterEach(() => speak('en'));

test.each(['zh', 'zh-CN', 'zh-SG', 'zh-Hans', 'zh-Hans-HK', 'ZH-cn'])(
  '%s is spoken in Chinese',
  (tag) => expect(chosen(tag)).toBe('zh'),
);

test.each(['zh-Hant', 'zh-Hant-CN', 'zh-TW', 'zh-HK', 'zh-MO', 'fr', 'en-US@posix', ''])(
  '%s is spoken in English',
  (tag) => expect(chosen(tag)).toBe('en'),
);

test('a reader of traditional characters who also takes simplified ones gets Chinese', () => {
  expect(chosen('zh-TW', 'zh', 'en')).toBe('zh');
});

test('the first language that the page speaks counts', () => {
  expect([chosen('en-US', 'zh-CN'), chosen('fr', 'zh-CN', 'en'), chosen()]).toEqual([
    'en',
    'zh',
    'en',
  ]);
});

test('what the reader chose counts more than what the browser wants', async () => {
  const memory = memoryOf();
  await choose('zh', memory);
  expect(language()).toBe('zh');
  expect(chosenLanguage(['en'], memory)).toBe('zh');
});

test('nothing is kept before the reader has chosen', () => {
  const kept = {};
  chosenLanguage(['zh-CN'], memoryOf(kept));
  expect(kept).toEqual({});
});

test('a kept language that the page does not speak is no choice', () => {
  expect(chosenLanguage(['zh-CN'], memoryOf({ language: 'toString' }))).toBe('zh');
});

test('a browser that keeps nothing still speaks as its reader chooses', async () => {
  await choose('zh', broken);
  expect(language()).toBe('zh');
  expect(chosenLanguage(['en'], broken)).toBe('en');
});
