import { expect, test } from 'vitest';
import { decodeChecks } from '../api/decode';
import { golden } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import CheckTable from './CheckTable.svelte';

const [front] = decodeChecks(golden('targets.json')) ?? [];
const rows = markupOf(CheckTable, { check: front! }).split('<tr').slice(2);

test('each city tells how its last probe ended and what became of those that were due', () => {
  expect(textOf('<tr' + rows[0]!)).toBe(
    'New York Finished 34.0 23 Nov 2026 03:10 UTC ' +
      '110 of 120 since 23 Nov 2026 02:10 UTC; 2 late; 4 skipped by the agent; 6 no data',
  );
});

test('a city of which nothing has come for a while has no data, with what came last', () => {
  expect(textOf('<tr' + rows[1]!)).toBe(
    'Frankfurt No data – 23 Nov 2026 02:40 UTC 192.0.2.1 port 443 refused the connection ' +
      '60 of 120 since 23 Nov 2026 02:10 UTC; 60 no data',
  );
});

test('a city that has never told anything has no data either', () => {
  expect(textOf('<tr' + rows[2]!)).toContain('São Paulo No data – none yet 0 of 1');
});
