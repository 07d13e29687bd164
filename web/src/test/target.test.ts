import { expect, test } from 'vitest';
import { USUAL_TARGET } from '../api/complete';
import type { Expectations, Target } from '../api/types';
import { describeTarget } from './target';

test('the usual is not worth a word', () => {
  expect(describeTarget(USUAL_TARGET)).toBe('');
});

test('what differs from the usual is told', () => {
  const target: Target = {
    ...USUAL_TARGET,
    method: 'POST',
    http_version: '2',
    family: 'both',
    reuse: 'warm',
    samples: 5,
  };
  expect(describeTarget(target)).toBe('POST, HTTP/2, IPv4 and IPv6, 5 warm samples');
});

test('one sample that is not cold is told as well', () => {
  expect(describeTarget({ ...USUAL_TARGET, reuse: 'resumed' })).toBe('resumed');
});

const described = (overrides: Partial<Target>) => describeTarget({ ...USUAL_TARGET, ...overrides });
const expecting = (overrides: Partial<Expectations>) =>
  described({ expect: { ...USUAL_TARGET.expect, ...overrides } });

test('a pinned test tells whom it dialled and asked', () => {
  const pinned = { connect_to: '192.0.2.1', resolver: '[2001:db8::9]:5353' };
  expect(described(pinned)).toBe('dialled 192.0.2.1, resolver [2001:db8::9]:5353');
});

test('the redirects that are followed are told', () => {
  expect(described({ max_redirects: 5 })).toBe('follows up to 5 redirects');
  expect(described({ max_redirects: 1 })).toBe('follows up to 1 redirect');
});

test('a request is told with the number of its headers and the size of its body', () => {
  const request_headers: Target['request_headers'] = [
    ['Accept', '*/*'],
    ['Authorization', '(redacted)'],
  ];
  expect(described({ request_headers })).toBe('2 request headers');
  expect(described({ method: 'POST', body: 'é' })).toBe('POST of 2 bytes');
});

test('limits are told', () => {
  const limits_ms = { ...USUAL_TARGET.limits_ms, dns: 50, wait: 800 };
  expect(described({ timeout_ms: 2500, limits_ms })).toBe(
    'timeout 2.5 s, DNS limit 50 ms, Wait limit 800 ms',
  );
});

test('what is expected of the answer is told', () => {
  expect(expecting({ status: 204 })).toBe('expects status 204');
  expect(expecting({ status: [200, 299] })).toBe('expects status 200–299');
  expect(expecting({ headers: { server: null } })).toBe('expects 1 response header');
  expect(
    expecting({ headers: { server: null, age: '0' }, certificate_days: 14, ttfb_ms: 500 }),
  ).toBe('expects 2 response headers and a certificate for another 14 days and TTFB up to 500 ms');
});
