import { expect, test } from 'vitest';
import { golden, goldenFrames, goldenTest } from '../testing/goldens';
import { answer, exchange } from '../testing/measurements';
import {
  decodeAgents,
  decodeChecks,
  decodeComparison,
  decodeEdges,
  decodeEvent,
  decodeInfo,
  decodeProblem,
  decodeTest,
} from './decode';
import type { CityResult, TestEvent } from './types';

test('the golden test is understood', () => {
  expect(decodeTest(golden('test.json'))).toMatchObject(golden('test.json') as object);
});

test('the golden finished test is understood', () => {
  expect(decodeTest(golden('test-finished.json'))?.state).toBe('finished');
});

test('the golden comparison is understood', () => {
  const comparison = decodeComparison(golden('comparison.json'));
  expect(comparison).toMatchObject(golden('comparison.json') as object);
});

test('a comparison with a city on neither side is not understood', () => {
  const broken = golden('comparison.json') as { cities: { before: unknown; after: unknown }[] };
  Object.assign(broken.cities[0]!, { before: null, after: null });
  expect(decodeComparison(broken)).toBeNull();
});

test('the golden info is understood', () => {
  expect(decodeInfo(golden('info.json'))?.default_url).toBe('https://www.firstbyte.test:8443/');
});

test('who may look is not known of an older collector', () => {
  const { access, ...old } = golden('info.json') as Record<string, unknown>;
  expect(access).toBe('public');
  expect(decodeInfo(old)?.access).toBeNull();
});

test('the golden agents are understood', () => {
  expect(decodeAgents(golden('agents.json'))?.map((entry) => entry.state)).toEqual([
    'connected',
    'offline',
  ]);
});

test('the golden edges are understood', () => {
  const catalogue = decodeEdges(golden('edges.json'));
  expect(catalogue).toEqual(golden('edges.json'));
  expect(catalogue?.rules[1]).toMatchObject({ take: null, pattern: 'pop=([a-z0-9]+)' });
  expect(catalogue?.edges.map(({ id, city }) => [id, city])).toEqual([
    ['ny1', 'New York'],
    ['la1', 'Los Angeles'],
  ]);
});

test('an edge that stands nowhere on earth is not understood', () => {
  const broken = golden('edges.json') as { edges: { latitude: unknown }[] };
  broken.edges[0]!.latitude = 'north';
  expect(decodeEdges(broken)).toBeNull();
});

test('a result says where its edge stands and by which rule, unless the collector is older', () => {
  const { edge_rule, edge_location, ...old } = answer();
  expect([edge_rule, edge_location?.city]).toEqual(['x-edge-route: whole', 'New York']);
  const of = (result: object) =>
    decodeTest({ ...goldenTest(), cities: [{ ...goldenTest().cities[0], result }] })?.cities[0]
      ?.result;
  expect(of(old)).toMatchObject({ edge_rule: null, edge_location: null });
  expect(of({ ...old, edge_location: { city: 'New York' } })).toBeUndefined();
});

test('the golden problem gives its detail and its field', () => {
  expect(decodeProblem(golden('problem.json'))).toEqual({
    title: 'The request is not valid',
    detail: 'the scheme must be http or https, not ftp',
    field: '/url',
  });
});

test('every frame of the golden feed is understood', () => {
  for (const frame of goldenFrames()) {
    expect(decodeEvent(frame.event as TestEvent['type'], frame.data)?.type).toBe(frame.event);
  }
});

test('the golden snapshot is the golden test', () => {
  const event = decodeEvent('snapshot', goldenFrames()[0]?.data ?? '');
  expect(event).toEqual({ type: 'snapshot', test: goldenTest() });
});

test('a problem without a field concerns no field', () => {
  expect(decodeProblem({ title: 'Not found', detail: 'no such test' })?.field).toBeNull();
});

test('a test without cities is not a test', () => {
  expect(decodeTest({ ...goldenTest(), cities: undefined })).toBeNull();
});

test('a city in an unknown state is refused', () => {
  const [city] = goldenTest().cities;
  expect(decodeTest({ ...goldenTest(), cities: [{ ...city, state: 'asleep' }] })).toBeNull();
});

test('a result without timings is refused', () => {
  const [city] = goldenTest().cities;
  const result = { ...city?.result, timings: null };
  expect(decodeTest({ ...goldenTest(), cities: [{ ...city, result }] })).toBeNull();
});

test('a rating that is neither a word nor null is refused', () => {
  const [city] = goldenTest().cities;
  const result = { ...city?.result, rating: 5 };
  expect(decodeTest({ ...goldenTest(), cities: [{ ...city, result }] })).toBeNull();
});

test('an event that is not JSON is refused', () => {
  expect(decodeEvent('city', '<html>')).toBeNull();
});

/** The golden's New York with another result. */
function decoded(result: object): CityResult | null | undefined {
  const [city] = goldenTest().cities;
  return decodeTest({ ...goldenTest(), cities: [{ ...city, result }] })?.cities[0]?.result;
}

test('a result from before redirects, samples and the self check has none', () => {
  const { redirects, samples, self_check, family, reuse, body_bytes, ...old } = answer();
  expect(decoded(old)).toMatchObject({
    redirects: [],
    samples: [],
    self_check: null,
    family: null,
    reuse: null,
    body_bytes: null,
  });
});

test('an older part of a result is filled up as well', () => {
  const { timings, tls, dns, failure } = decoded({
    ...answer(),
    timings: { other_us: 3 },
    tls: { version: 'TLSv1.3' },
    dns: { resolver: null },
    failure: { phase: null, origin: 'agent', cause: 'internal', message: 'oh' },
  }) as CityResult;
  expect(timings).toMatchObject({ other_us: 3, other_before_tls_us: null, other_after_us: null });
  expect(tls).toEqual({ version: 'TLSv1.3', resumed: null });
  expect(dns).toEqual({ resolver: null, omitted: 0, transport: null });
  expect(failure?.tls_alert).toBeNull();
});

test('redirects within samples are filled up, too', () => {
  const { self_check, redirects, samples, ...hop } = exchange('http://a/');
  const sample = { ...exchange('http://a/'), redirects: [hop] };
  const part = decoded(answer({ samples: [sample as never] }))?.samples[0]?.redirects[0];
  expect(part).toMatchObject({ url: 'http://a/', self_check: null, redirects: [] });
});

test('a redirect without its URL is refused', () => {
  const { url, ...hop } = exchange('http://a/');
  expect(decoded({ ...answer(), redirects: [hop] })).toBeUndefined();
});

test('a test from before targets were kept has none', () => {
  const { target, ...old } = goldenTest();
  expect(decodeTest(old)?.target).toBeNull();
});

test('what a target does not say is as usual', () => {
  const target = { url: 'https://a/', samples: 5, reuse: 'warm' };
  expect(decodeTest({ ...goldenTest(), target })?.target).toMatchObject({
    method: 'GET',
    family: 'any',
    samples: 5,
    reuse: 'warm',
    request_headers: [],
    connect_to: null,
    max_redirects: 0,
  });
});

test('a part of a target that says little is filled up as well', () => {
  const target = { limits_ms: { dns: 50 }, expect: { status: [200, 299] } };
  expect(decodeTest({ ...goldenTest(), target })?.target).toMatchObject({
    limits_ms: { dns: 50, tls: null },
    expect: { status: [200, 299], headers: {}, ttfb_ms: null },
  });
});

test('a target of another shape is refused', () => {
  for (const target of ['a', { request_headers: 2 }, { expect: null }, { limits_ms: [] }]) {
    expect(decodeTest({ ...goldenTest(), target })).toBeNull();
  }
});

test('a self check that says little is not filled up with what it does not know', () => {
  const { self_check } = decoded({ ...answer(), self_check: { loop_lag_us: 3 } }) as CityResult;
  expect(self_check).toEqual({
    loop_lag_us: 3,
    overloaded: null,
    clock_stepped: null,
    control: null,
  });
});

test('a result says what was asked for last, or null where it is older', () => {
  const { url, ...old } = answer();
  expect(decoded(old)?.url).toBeNull();
  expect(decoded({ ...old, url: 'https://a/b' })?.url).toBe('https://a/b');
});

test('checks are told with their URL; what is not one makes the answer another than expected', () => {
  const { targets } = golden('targets.json') as { targets: Record<string, unknown>[] };
  expect(decodeChecks({ targets })?.map(({ name, url }) => [name, url])).toEqual([
    ['front', 'https://www.example.net/'],
    ['api', 'https://api.example.net/'],
  ]);
  expect(decodeChecks({ targets: [{ ...targets[0], cities: [{ state: 'up' }] }] })).toBeNull();
  expect(decodeChecks({ targets: [{ ...targets[0], target: {} }] })).toBeNull();
});
