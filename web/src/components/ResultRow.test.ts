import { expect, test } from 'vitest';
import type { City } from '../api/types';
import { goldenCity, goldenTest } from '../testing/goldens';
import { cityOf, exchange, redirectTo, selfCheck, timings } from '../testing/measurements';
import { markupOf, textOf } from '../testing/render';
import ResultRow from './ResultRow.svelte';

function rowOf(agentId: string, props: { explained?: boolean } = {}) {
  return markup(goldenCity(agentId), props);
}

function markup(city: City, props: { explained?: boolean } = {}) {
  return markupOf(ResultRow, {
    city,
    url: goldenTest().url,
    scaleUs: 40000,
    explained: true,
    ...props,
    columns: 11,
    open: false,
    ontoggle: () => {},
  });
}

test('a finished city shows status, phases, TTFB, rating and edge', () => {
  expect(textOf(markup(cityOf()))).toBe(
    'New York Finished 200 8.2 8.1 7.9 8.7 1.1 34.0 excellent ny1',
  );
});

test('a failed city shows the reason and the phases it reached', () => {
  expect(textOf(rowOf('frankfurt'))).toBe(
    'Frankfurt Failed 192.0.2.1 port 443 refused the connection 9.0 12.0 – – – – ✕ failed –',
  );
});

test('a failure that is told above the table is not told again', () => {
  expect(textOf(rowOf('frankfurt', { explained: false }))).toBe(
    'Frankfurt Failed 9.0 12.0 – – – – ✕ failed –',
  );
});

test('an offline city says so in a word, and has neither numbers nor a rating', () => {
  expect(textOf(rowOf('sao-paulo'))).toBe(
    'São Paulo Offline the agent in São Paulo was not connected – – – – – – no data – –',
  );
});

test('a running city tells its phase to readers and to tests', () => {
  expect(rowOf('tokyo')).toContain('data-state="tls"');
  expect(textOf(rowOf('tokyo'))).toBe('Tokyo TLS – – – – – – –');
});

test('an HTTP error is marked', () => {
  expect(textOf(markup(cityOf({ status: 503 })))).toMatch(/^New York HTTP 503 8\.2/);
});

test('the row’s toggle tells that the detail is closed', () => {
  expect(rowOf('new-york')).toContain('aria-expanded="false"');
});

test('an overloaded agent is told in its row', () => {
  const city = cityOf({ self_check: selfCheck({ overloaded: true }) });
  expect(textOf(markup(city))).toContain('Finished 200 overloaded');
});

test('redirects that were followed are counted in the row', () => {
  const hop = redirectTo('https://www.example.net/', 'http://example.net/');
  expect(textOf(markup(cityOf({ redirects: [hop, hop] })))).toContain('↪2 After 2 redirects');
});

test('the bar tells its figures, as a sum', () => {
  expect(markup(cityOf())).toContain(
    'aria-label="DNS 8.2 + Connect 8.1 + TLS 7.9 + Wait 8.7 + Other 1.1 = TTFB 34.0 ms; Transfer 0.1 ms"',
  );
});

test('the bar of a city under way tells how far it is', () => {
  expect(rowOf('tokyo')).toMatch(/aria-label="TLS, after [\d.]+ ms"/);
});

test('of several samples the row tells the median and the range, and each is a dot', () => {
  const times = [33980, 31000, 52000];
  const samples = times.map((ttfb_us, second) =>
    exchange('https://a/', {
      timings: timings({ ttfb_us }),
      measured_at: `2026-11-23T03:10:0${second}.000000Z`,
    }),
  );
  const row = markup(cityOf({ ...samples[0], samples }));
  expect(textOf(row)).toContain('34.0 34.0 (31.0–52.0), 3 samples excellent');
  expect(row.match(/class="dot/g)).toHaveLength(3);
});

test('an edge that would turn its row around is told as what it is', () => {
  const row = markup(cityOf({ edge: '<b>\u202eny1' }));
  expect(row).toContain('<bdi>&lt;b>⟨U+202E⟩ny1</bdi>');
});
