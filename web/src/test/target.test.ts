import { expect, test } from 'vitest';
import type { Target } from '../api/types';
import { describeTarget } from './target';

const USUAL: Target = {
  method: 'GET',
  http_version: 'auto',
  family: 'any',
  reuse: 'cold',
  samples: 1,
};

test('the usual is not worth a word', () => {
  expect(describeTarget(USUAL)).toBe('');
});

test('what differs from the usual is told', () => {
  const target: Target = {
    method: 'POST',
    http_version: '2',
    family: 'both',
    reuse: 'warm',
    samples: 5,
  };
  expect(describeTarget(target)).toBe('POST, HTTP/2, IPv4 and IPv6, 5 warm samples');
});

test('one sample that is not cold is told as well', () => {
  expect(describeTarget({ ...USUAL, reuse: 'resumed' })).toBe('resumed');
});
