import { afterEach, expect, test } from 'vitest';
import { USUAL_TARGET } from '../api/complete';
import { decodeAgents, decodeTest } from '../api/decode';
import { textOf } from '../api/result';
import type { AgentStatus, Test } from '../api/types';
import { speak } from '../i18n/language.svelte';
import { golden, goldenTest } from '../testing/goldens';
import {
  costOf,
  describeOptions,
  headerRow,
  maxTimeout,
  optionsOf,
  placeOf,
  requestOf,
  usualOptions,
  type Options,
} from './options';

const URL = 'https://a/';
const sampled = () => decodeTest(golden('test-samples.json')) as Test;
const known = decodeAgents(golden('agents.json')) as AgentStatus[];

const withOptions = (options: Partial<Options>): Options => ({ ...usualOptions(), ...options });
const expecting = (expected: Partial<Options['expect']>): Options =>
  withOptions({ expect: { ...usualOptions().expect, ...expected } });
const requested = (options: Options) => {
  const request = requestOf(URL, options);
  return request.ok ? request.value : request.error;
};

afterEach(() => speak('en'));

test('what is as usual is not asked for', () => {
  expect(requested(usualOptions())).toEqual({ url: URL });
});

test('only what differs is asked for', () => {
  expect(requested(withOptions({ method: 'HEAD', samples: 3, family: 'both' }))).toEqual({
    url: URL,
    method: 'HEAD',
    samples: 3,
    family: 'both',
  });
});

test('of limits and expectations only those that are set are asked for', () => {
  const { limits_ms } = usualOptions();
  const options = { ...expecting({ ttfb_ms: 400 }), limits_ms: { ...limits_ms, dns: 50 } };
  expect(requested(options)).toEqual({
    url: URL,
    limits_ms: { dns: 50 },
    expect: { ttfb_ms: 400 },
  });
});

test('an empty field is as usual', () => {
  const options = withOptions({ samples: null, timeout_ms: null, resolver: ' ' });
  expect(requested(options)).toEqual({ url: URL });
});

test('a number that cannot be is the collector’s to refuse', () => {
  expect(requested(withOptions({ samples: 99 }))).toEqual({ url: URL, samples: 99 });
});

test('a body goes with a POST only', () => {
  expect(requested(withOptions({ body: 'ping', method: 'POST' }))).toHaveProperty('body', 'ping');
  expect(requested(withOptions({ body: 'ping' }))).toEqual({ url: URL });
});

test('headers lose the blanks around their names, and rows without anything are left out', () => {
  const request_headers = [headerRow(), headerRow(' Accept ', 'text/plain'), headerRow('A', '')];
  expect(requested(withOptions({ request_headers }))).toHaveProperty('request_headers', [
    ['Accept', 'text/plain'],
    ['A', ''],
  ]);
});

test.each([
  ['200', 200],
  ['200-299', [200, 299]],
  [' 200 – 299 ', [200, 299]],
  ['2xx', '2xx'],
])('an expected status of "%s"', (status, sent) => {
  expect(requested(expecting({ status }))).toHaveProperty('expect.status', sent);
});

test('chosen agents are named, none of them included', () => {
  expect(requested(withOptions({ agents: ['tokyo'] }))).toHaveProperty('agents', ['tokyo']);
  expect(requested(withOptions({ agents: [] }))).toHaveProperty('agents', []);
});

test('a test’s options ask for the same once more', () => {
  const { target } = golden('test-samples.json') as { target: Record<string, unknown> };
  const options = optionsOf(sampled());
  for (const row of options.request_headers) row.value ||= 'secret';
  const { connect_to, ...asked } = target;
  expect(connect_to).toBeNull();
  expect(requestOf('http://example.net/', options)).toEqual({
    ok: true,
    value: {
      ...asked,
      request_headers: [
        ['Accept', 'text/plain'],
        ['Authorization', 'secret'],
      ],
      limits_ms: { connect: 2000 },
      agents: sampled().cities.map(({ agent_id }) => agent_id),
    },
  });
});

test('a test from before targets were kept was as usual', () => {
  const { agents, ...options } = optionsOf({ ...goldenTest(), target: null });
  expect({ ...options, agents: null }).toEqual(usualOptions());
  expect(agents).toHaveLength(4);
});

test('a value that the collector has not kept is never sent, but asked for', () => {
  const options = optionsOf(sampled());
  expect(options.request_headers[1]).toMatchObject({ name: 'Authorization', value: '' });
  const request = requestOf(URL, options);
  expect(request).toMatchObject({ ok: false, error: { field: '/request_headers/1/1' } });
  expect(request.ok ? '' : textOf(request.error.sentence)).toBe(
    'the value of Authorization is not kept: type it again, or remove the header',
  );
});

test('an expected header with an empty value does not become one with any', () => {
  const options = optionsOf({
    target: {
      ...USUAL_TARGET,
      expect: { ...USUAL_TARGET.expect, headers: { via: '', age: null } },
    },
    cities: [],
  });
  expect(requested(options)).toHaveProperty('expect.headers', { via: '', age: null });
});

test('a header that is expected twice is told at the second of both', () => {
  const options = expecting({ headers: [headerRow('a/b', '1'), headerRow('a/b', '2')] });
  expect(requestOf(URL, options)).toMatchObject({
    ok: false,
    error: { field: '/expect/headers/a~1b' },
  });
  const second = options.expect.headers[1]?.key;
  expect(placeOf('/expect/headers/a~1b', options)).toBe(`/expect/headers/${second}`);
});

test('the collector’s pointers lead to the form’s fields', () => {
  const row = headerRow('Accept', 'a');
  const expected = headerRow('x/y', null);
  const options = {
    ...expecting({ headers: [headerRow(), expected] }),
    request_headers: [headerRow(), row],
  };
  const places = {
    '/samples': '/samples',
    '/limits_ms/dns': '/limits_ms/dns',
    '/expect/status': '/expect/status',
    '/agents/3': '/agents',
    '/request_headers': '/request_headers',
    '/request_headers/0': `/request_headers/${row.key}`,
    '/request_headers/0/1': `/request_headers/${row.key}/1`,
    '/request_headers/7': '/request_headers',
    '/expect/headers/x~1y': `/expect/headers/${expected.key}`,
    '/expect/headers': '/expect/headers',
    '/url': '/url',
    '/unheard_of': null,
    '': null,
  };
  for (const [pointer, place] of Object.entries(places)) {
    expect(placeOf(pointer, options), pointer).toBe(place);
  }
  expect(placeOf(null, options)).toBeNull();
});

test('options that are as usual need no word', () => {
  expect(describeOptions(usualOptions(), known)).toBe('');
});

test('options are told in short, in both languages', async () => {
  const options = withOptions({ method: 'HEAD', family: 'both', samples: 3, agents: ['new-york'] });
  expect(describeOptions(options, known)).toBe('HEAD, IPv4 and IPv6, 3 samples, 1 of 2 cities');
  await speak('zh');
  expect(describeOptions(options, known)).toBe('HEAD，IPv4 和 IPv6，3 个样本，2 个城市中的 1 个');
});

test('all cities by name are all cities', () => {
  const agents = known.map(({ agent }) => agent.id);
  expect(describeOptions(withOptions({ agents }), known)).toBe('');
  expect(describeOptions(withOptions({ agents: [...agents, 'oslo'] }), known)).not.toBe('');
});

test('cities are counted before it is known how many there are', () => {
  expect(describeOptions(withOptions({ agents: ['a', 'b'] }), null)).toBe('2 cities');
});

test('a test costs its cities times its samples, twice with both families', () => {
  expect(costOf(usualOptions(), 14)).toBe(14);
  expect(costOf(withOptions({ samples: 3, family: 'both', agents: ['a', 'b'] }), 14)).toBe(12);
});

test('several samples may take longer than a single one', () => {
  expect(maxTimeout(usualOptions())).toBe(30_000);
  expect(maxTimeout(withOptions({ samples: 2 }))).toBe(60_000);
  expect(maxTimeout(withOptions({ family: 'both' }))).toBe(60_000);
});
