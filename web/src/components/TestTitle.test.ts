import { expect, test } from 'vitest';
import { USUAL_TARGET } from '../api/complete';
import { goldenTest } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import TestTitle from './TestTitle.svelte';

test('a result is headed by its URL and its time', () => {
  expect(textOf(markupOf(TestTitle, { test: goldenTest() }))).toBe(
    'https://www.example.net/ 23 Nov 2026 03:10 UTC',
  );
});

test('a result that was asked for in another way than usual says how', () => {
  const target = {
    ...USUAL_TARGET,
    method: 'HEAD',
    http_version: '1.1',
    connect_to: '192.0.2.1',
  };
  expect(textOf(markupOf(TestTitle, { test: { ...goldenTest(), target } }))).toContain(
    'HEAD, HTTP/1.1, dialled 192.0.2.1',
  );
});
