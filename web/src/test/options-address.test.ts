import { expect, test } from 'vitest';
import { decodeTest } from '../api/decode';
import type { Test } from '../api/types';
import { golden } from '../testing/goldens';
import { headerRow, optionsOf, requestOf, usualOptions, type Options } from './options';
import { addressOf, readOptions } from './options-address';

const read = (search: string) => readOptions(new URLSearchParams(search));
const requestBy = (search: string) => {
  const { url, options } = read(search);
  return requestOf(url ?? '', options ?? usualOptions());
};

test('an address prepares URL and options', () => {
  expect(requestBy('url=https://a/&method=HEAD&family=both&samples=3&agents=tokyo,oslo')).toEqual({
    ok: true,
    value: {
      url: 'https://a/',
      method: 'HEAD',
      family: 'both',
      samples: 3,
      agents: ['tokyo', 'oslo'],
    },
  });
});

test('an address without any prepares nothing', () => {
  expect(read('present=1')).toEqual({ url: null, options: null, ignored: [] });
});

test('the parts of members are named with a dot, headers one by one', () => {
  const search =
    'url=https://a/&limits_ms.dns=50&expect.status=200-299&expect.header=x-edge&header=A:b&header=C: d';
  expect(requestBy(search)).toMatchObject({
    value: {
      limits_ms: { dns: 50 },
      expect: { status: [200, 299], headers: { 'x-edge': null } },
      request_headers: [
        ['A', 'b'],
        ['C', 'd'],
      ],
    },
  });
});

test.each([
  'samples=11',
  'samples=1.5',
  'samples=',
  'method=DELETE',
  'family=ipv7',
  'resolver=dns.example',
  'expect.status=999',
  'limits_ms.dns=0',
  'header=:x',
  'agents=,',
])('what cannot be meant is left out and told: %s', (search) => {
  const { options, ignored } = read(`url=https://a/&${search}`);
  expect(ignored).toEqual([search]);
  if (!search.startsWith('agents')) expect(options).toEqual(usualOptions());
});

test('what is good beside something wrong counts', () => {
  const { options, ignored } = read('samples=3&method=BREW');
  expect([options?.samples, options?.method, ignored]).toEqual([3, 'GET', ['method=BREW']]);
});

test('a form with nothing but a URL is that URL', () => {
  expect(addressOf('https://a/?b=c', usualOptions())).toBe('/?url=https%3A%2F%2Fa%2F%3Fb%3Dc');
});

test('a form comes back from its address', () => {
  const options = withoutSecret(optionsOf(decodeTest(golden('test-samples.json')) as Test));
  options.connect_to = '[2001:db8::1]:443';
  const { searchParams } = new URL(addressOf('https://a/', options), 'http://page');
  const prepared = readOptions(searchParams);
  expect(prepared.ignored).toEqual([]);
  expect(requestOf('https://a/', prepared.options ?? usualOptions())).toEqual(
    requestOf('https://a/', options),
  );
});

test('the value of a secret is not put into an address, and is asked for again', () => {
  const options = { ...usualOptions(), request_headers: [headerRow('X-Api-Key', 'hush')] };
  const address = addressOf('https://a/', options);
  expect(address).toBe('/?url=https%3A%2F%2Fa%2F&header=X-Api-Key');
  expect(requestBy(address.slice(2))).toMatchObject({
    ok: false,
    error: { field: '/request_headers/0/1' },
  });
});

function withoutSecret(options: Options): Options {
  return {
    ...options,
    request_headers: options.request_headers.filter(({ redacted }) => !redacted),
  };
}
