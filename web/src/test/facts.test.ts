import { afterEach, expect, test } from 'vitest';
import type { CityResult } from '../api/types';
import { speak } from '../i18n/language.svelte';
import { goldenCity } from '../testing/goldens';
import { answer, controlCheck, selfCheck } from '../testing/measurements';
import { factsOf } from './facts';

function resultOf(agentId: string): CityResult {
  const { result } = goldenCity(agentId);
  if (!result) throw new Error(`${agentId} has no result`);
  return result;
}

afterEach(() => speak('en'));

const titlesOf = (result: CityResult) => factsOf(result).map((group) => group.title);

function valueOf(result: CityResult, title: string, label: string) {
  const group = factsOf(result).find((candidate) => candidate.title === title);
  return group?.facts.find((fact) => fact.label === label)?.value;
}

test('an answer has facts of every kind', () => {
  expect(titlesOf(answer())).toEqual(['Connection', 'TLS', 'DNS', 'Measurement', 'Self check']);
});

test('a group of which nothing is known is left out', () => {
  expect(titlesOf(resultOf('sao-paulo'))).toEqual([]);
});

test('a single unknown fact is a dash', () => {
  expect(valueOf(resultOf('frankfurt'), 'Connection', 'Local')).toBe('–');
});

test('an address comes with its TTL', () => {
  expect(valueOf(answer(), 'DNS', 'Addresses')).toBe('192.0.2.1 (TTL 60 s)');
});

test('a list of no CNAMEs is a dash', () => {
  expect(valueOf(resultOf('frankfurt'), 'DNS', 'CNAMEs')).toBe('–');
});

test('the certificate is named', () => {
  expect(valueOf(answer(), 'TLS', 'Subject')).toBe('CN=www.example.net');
});

test('the clock offset comes with its error', () => {
  expect(valueOf(answer(), 'Measurement', 'Clock offset')).toBe(
    '−0.180 ms ± 0.240 ms (agent behind)',
  );
});

test('what the kernel knows of the connection is told', () => {
  const values = ['Kernel RTT', 'Retransmits', 'Congestion control'].map((label) =>
    valueOf(answer(), 'Connection', label),
  );
  expect(values).toEqual(['8.080 ms, least 8.010 ms', '1', 'cubic']);
});

test('the edge comes with its place, the header it was read from, and the rule', () => {
  const edge = (overrides: Partial<CityResult> = {}) =>
    valueOf(answer(overrides), 'Connection', 'Edge');
  expect(edge()).toBe('ny1 (New York, US), read from x-edge-route (rule: whole)');
  expect(edge({ edge_location: null })).toBe('ny1, read from x-edge-route (rule: whole)');
  expect(edge({ edge_rule: 'x-edge-route: pattern a: (.)' })).toBe(
    'ny1 (New York, US), read from x-edge-route (rule: pattern a: (.))',
  );
  expect(edge({ edge_rule: null })).toBe('ny1 (New York, US), read from x-edge-route');
  expect(edge({ edge: null, edge_header: null, edge_rule: null, edge_location: null })).toBe('–');
});

test('the edge is told in Chinese', async () => {
  await speak('zh');
  expect(valueOf(answer(), '连接', '边缘节点')).toBe(
    'ny1（纽约，US），读自 x-edge-route（规则：whole）',
  );
});

test('what an older collector did not tell has no value', () => {
  const old = answer({ self_check: null, reuse: null, body_bytes: null });
  expect(titlesOf(old)).not.toContain('Self check');
  expect(valueOf(old, 'Connection', 'Reuse')).toBe('–');
  expect(valueOf(old, 'Connection', 'Body')).toBeUndefined();
});

test('the address family is the one that was used', () => {
  const used = (remote_ip: string | null) =>
    valueOf(answer({ remote_ip, family: 'any' }), 'Connection', 'Family');
  expect([used('192.0.2.1'), used('2001:db8::1'), used(null)]).toEqual(['IPv4', 'IPv6', 'any']);
});

test('reuse is told in words', () => {
  expect(valueOf(answer({ reuse: 'warm' }), 'Connection', 'Reuse')).toBe(
    'warm: an earlier connection',
  );
});

test('a body that was not read to its end says so', () => {
  const body = (body_bytes: number, body_truncated: boolean) =>
    valueOf(answer({ body_bytes, body_truncated }), 'Connection', 'Body');
  expect(body(65536, true)).toBe('64 KiB read, then stopped');
  expect(body(512, false)).toBe('512 bytes read');
});

test('without a response there is no body, not an empty one', () => {
  expect(valueOf(answer({ status: null, body_bytes: 0 }), 'Connection', 'Body')).toBe('–');
});

test('the ways of TLS and DNS are told', () => {
  const { tls, dns } = answer();
  const result = answer({
    tls: tls && { ...tls, resumed: true },
    dns: dns && { ...dns, transport: 'tcp' },
  });
  expect(valueOf(result, 'TLS', 'Resumed')).toBe('yes');
  expect(valueOf(result, 'DNS', 'Transport')).toMatch(/^TCP: /);
});

test('records that are not kept are counted', () => {
  const { dns } = answer();
  const result = answer({ dns: dns && { ...dns, omitted: 3800 } });
  expect(valueOf(result, 'DNS', 'Not kept')).toBe('3800 more records');
});

test('the self check tells the lag and the control target', () => {
  const result = answer({ self_check: selfCheck({ control: controlCheck() }) });
  expect(valueOf(result, 'Self check', 'Loop lag')).toBe('0.310 ms');
  expect(valueOf(result, 'Self check', 'Control target')).toBe(
    'ok, TTFB 3.2 ms (https://control.example/, 2026-11-23 03:09:58.000000 UTC)',
  );
});

test('what a self check does not say is not a no', () => {
  const result = answer({ self_check: selfCheck({ overloaded: null, clock_stepped: null }) });
  expect(valueOf(result, 'Self check', 'Overloaded')).toBe('–');
  expect(valueOf(result, 'Self check', 'Clock step')).toBe('–');
});

test('of a probe that was refused no lag was measured', () => {
  const result = answer({ self_check: selfCheck({ overloaded: true, loop_lag_us: 0 }) });
  expect(valueOf(result, 'Self check', 'Loop lag')).toBe('–');
});

test('an agent without a control target has none', () => {
  expect(valueOf(answer(), 'Self check', 'Control target')).toBe('–');
});

const ending = (not_after: string | null, overrides: Partial<CityResult> = {}) => {
  const result = answer({ measured_at: '2026-11-23T03:10:00.123456Z', corrected_at: null });
  return valueOf(
    { ...result, tls: { ...result.tls!, not_after }, ...overrides },
    'TLS',
    'Not after',
  );
};

test.each([
  ['2027-02-01T00:00:00Z', '2027-02-01 00:00:00 UTC: 69 days left when it was measured'],
  ['2026-11-24T03:10:01Z', '2026-11-24 03:10:01 UTC: 1 day left when it was measured'],
  ['2026-11-23T23:00:00Z', '2026-11-23 23:00:00 UTC: less than a day left when it was measured'],
  ['2026-11-20T00:00:00Z', '2026-11-20 00:00:00 UTC: expired 3 days before it was measured'],
])('a certificate that ends at %s tells the days', (notAfter, told) => {
  expect(ending(notAfter)).toBe(told);
});

test('a certificate’s days count by the collector’s clock, where it is known', () => {
  const corrected = { corrected_at: '2026-11-30T03:10:00Z' };
  expect(ending('2026-12-01T03:10:00Z', corrected)).toContain('1 day left');
});

test('without an end, or without a time, no days are told', () => {
  expect(ending(null)).toBe('–');
  expect(ending('2027-02-01T00:00:00Z', { measured_at: null })).toBe('2027-02-01 00:00:00 UTC');
});
