import { expect, test } from 'vitest';
import { goldenCity, goldenTest } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import ResultRow from './ResultRow.svelte';

function rowOf(
  agentId: string,
  change: (city: ReturnType<typeof goldenCity>) => void = () => {},
  props: { explained?: boolean } = {},
) {
  const city = goldenCity(agentId);
  change(city);
  return markupOf(ResultRow, {
    city,
    test: goldenTest(),
    slowestUs: 33980,
    explained: true,
    ...props,
    columns: 9,
    open: false,
    ontoggle: () => {},
    onretarget: () => {},
  });
}

test('a finished city shows status, phases, TTFB, rating and edge', () => {
  expect(textOf(rowOf('new-york'))).toBe(
    'New York Finished 200 8.2 8.1 7.9 8.7 34.0 excellent ny1',
  );
});

test('a failed city shows the reason and the phases it reached', () => {
  expect(textOf(rowOf('frankfurt'))).toBe(
    'Frankfurt Failed 192.0.2.1 port 443 refused the connection 9.0 12.0 – – – failed –',
  );
});

test('a failure that is told above the table is not told again', () => {
  expect(textOf(rowOf('frankfurt', () => {}, { explained: false }))).toBe(
    'Frankfurt Failed 9.0 12.0 – – – failed –',
  );
});

test('an offline city says so in a word, and has neither numbers nor a rating', () => {
  expect(textOf(rowOf('sao-paulo'))).toBe(
    'São Paulo Offline the agent in São Paulo was not connected – – – – – – –',
  );
});

test('a running city tells its phase to readers and to tests', () => {
  expect(rowOf('tokyo')).toContain('data-state="tls"');
  expect(textOf(rowOf('tokyo'))).toBe('Tokyo TLS – – – – – –');
});

test('an HTTP error is marked', () => {
  const markup = rowOf('new-york', ({ result }) => result && (result.status = 503));
  expect(textOf(markup)).toMatch(/^New York HTTP 503 8\.2/);
});

test('the row’s toggle tells that the detail is closed', () => {
  expect(rowOf('new-york')).toContain('aria-expanded="false"');
});
