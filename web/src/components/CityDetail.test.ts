import { expect, test } from 'vitest';
import type { City } from '../api/types';
import { goldenCity, goldenTest } from '../testing/goldens';
import {
  cityOf,
  exchange,
  failureOf,
  redirectTo,
  selfCheck,
  timings,
  without,
} from '../testing/measurements';
import { markupOf, textOf } from '../testing/render';
import CityDetail from './CityDetail.svelte';

const markup = (city: City) =>
  markupOf(CityDetail, { city, test: goldenTest(), onretarget: () => {} });
const shown = (city: City) => textOf(markup(city));

test('other is broken down in plain words', () => {
  const text = shown(cityOf());
  expect(text).toContain('Other 1.095 ms');
  expect(text).toContain('SYN-ACK → ClientHello : preparing TLS 0.400 ms');
  expect(text).toContain('handshake → request : own cryptography 0.200 ms');
});

test('TTFB stands beside the own time that it contains', () => {
  expect(shown(cityOf())).toContain(
    "TTFB 33.980 ms of which other : the agent's own time 1.090 ms",
  );
});

test('a phase by the agent’s own clock is marked, one by the kernel’s is not', () => {
  const text = shown(cityOf());
  expect(text).toContain('Connect ≈ 8.080 ms');
  expect(text).toContain('TLS 7.900 ms');
});

test('a result that came too late is told, and stays apart from the city’s own', () => {
  const result = goldenCity('sao-paulo').result;
  const late = { ...goldenCity('new-york').result!, received_at: '2026-11-23T03:10:12.1Z' };
  const text = shown({ ...goldenCity('sao-paulo'), result, late });
  expect(text).toContain(
    'Its result came after the deadline, 2026-11-23 03:10:12.1 UTC: HTTP status 200, TTFB 33.980 ms. ' +
      'It is kept and counts as no data.',
  );
  expect(shown(goldenCity('sao-paulo'))).not.toContain('after the deadline');
});

test('an answer that was asked for once has neither hops nor samples nor warnings', () => {
  expect(shown(cityOf())).not.toMatch(/Hops|Samples|Failure|overloaded/);
});

test('a failure tells what it means, what to look at, and its alert', () => {
  const text = shown(
    cityOf({
      state: 'failed',
      failure: failureOf(),
      timings: timings({ ...without('wait'), ...without('transfer'), ttfb_us: null }),
    }),
  );
  expect(text).toContain('ended the handshake with an alert. Look at next:');
  expect(text).toContain(
    'Completed DNS, Connect Phase TLS Origin target Cause alert TLS alert 112 (unrecognized_name)',
  );
  expect(text).toContain('TLS ✕ failed here 7.900 ms');
  expect(text).not.toContain('TTFB');
});

test('a failure with a cause from a newer collector keeps its message', () => {
  const failure = failureOf({ cause: 'eclipse', message: 'the sun is gone', tls_alert: null });
  const text = shown(cityOf({ state: 'failed', failure }));
  expect(text).toContain(
    'the sun is gone Completed DNS, Connect, Wait, Transfer Phase TLS Origin target Cause eclipse',
  );
});

test('an offline city explains itself and has no waterfall', () => {
  const text = shown(goldenCity('sao-paulo'));
  expect(text).toContain('The agent was not connected to the collector.');
  expect(text).not.toContain('Phases');
});

test('hops are listed in order, each with its own phases', () => {
  const hop = redirectTo('https://www.example.net/', 'http://example.net/');
  const city = cityOf({ redirects: [hop] });
  const hops =
    markup(city)
      .match(/<summary(?=[^\n]*?class="number).*?<\/summary>/gs)
      ?.map(textOf) ?? [];
  expect(hops).toEqual([
    '1 301 http:// example.net / 192.0.2.1:443 ' +
      'DNS 8.2 Connect 8.1 TLS 7.9 Wait 8.7 Transfer 0.1 other 1.1 total 34.1 ms',
    '2 200 https:// www.example.net / new host ny1 192.0.2.1:443 ' +
      'DNS 8.2 Connect 8.1 TLS 7.9 Wait 8.7 Transfer 0.1 other 1.1 total 34.1 ms',
  ]);
});

test('the way from https to http is flagged', () => {
  const hop = redirectTo('http://example.net/', 'https://example.net/');
  expect(shown(cityOf({ redirects: [hop] }))).toContain('http:// example.net / https → http');
});

test('a redirect that was not followed counts from the last hop', () => {
  const hop = redirectTo('http://other.example/a/', 'https://www.example.net/');
  const city = cityOf({ status: 302, headers: [['location', 'b']], redirects: [hop] });
  expect(shown(city)).toContain('http://other.example/a/b Test this next');
});

test('samples are a table, with the one in the row marked and a failed one’s cause', () => {
  const first = exchange('https://a/', { measured_at: '2026-11-23T03:10:01.000000Z' });
  const failed = exchange('https://a/', {
    status: null,
    edge: null,
    reuse: 'warm',
    rating: 'failed',
    failure: failureOf({ cause: 'reset' }),
    timings: timings({ ...without('transfer'), ttfb_us: null }),
  });
  const city = cityOf({ ...failed, samples: [first, failed] });
  const rows =
    markup(city)
      .match(/<tbody.*?<\/tbody>/s)?.[0]
      .match(/<tr.*?<\/tr>/gs) ?? [];
  expect(rows.map(textOf)).toEqual([
    '1 IPv4 cold 200 8.2 8.1 7.9 8.7 34.0 excellent ny1',
    '2 in the row IPv4 warm reset 8.2 8.1 7.9 8.7 – failed –',
  ]);
  expect(shown(city)).toContain('cold: TTFB 34.0 ms (1 of 1 got a first byte)');
  expect(shown(city)).toContain('warm: no TTFB (0 of 1 got a first byte)');
});

test('the redirects of another sample are listed under its number', () => {
  const hop = redirectTo('/b', 'https://a/');
  const other = exchange('https://a/', { measured_at: null, redirects: [hop] });
  const text = shown(cityOf({ samples: [other, exchange('https://a/')] }));
  expect(text).toMatch(/Hops .* Sample 1 1 301 https:\/\/ a/);
});

test('an overloaded agent is told above its numbers', () => {
  const text = shown(cityOf({ self_check: selfCheck({ overloaded: true }) }));
  expect(text).toMatch(/^The agent was overloaded .* not to be trusted/);
});

test('the city can be repeated by curl, and taken along as JSON, both folded away', () => {
  const text = shown(cityOf());
  expect(text).toContain('Repeat it with curl Result as JSON');
  expect(text).not.toContain('--resolve');
});
