import { expect, test } from 'vitest';
import { isHttpError, isRedirect } from './http-status';

test('400 is the first HTTP error', () => {
  expect([399, 400, null].map(isHttpError)).toEqual([false, true, false]);
});

test('a redirect is any 3xx that leads elsewhere', () => {
  expect([299, 301, 308, 304, 400, null].map(isRedirect)).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});
