import { expect, test } from 'vitest';
import type { AgentStatus } from '../api/types';
import { decodeAgents } from '../api/decode';
import { golden } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import AgentList from './AgentList.svelte';

const agents = decodeAgents(golden('agents.json')) ?? [];
const list = (props: { agents?: AgentStatus[]; unreachableSince?: string | null }) =>
  textOf(markupOf(AgentList, { agents, unreachableSince: null, ...props }));

test('the cities are counted, and the one that is away is marked', () => {
  const shown = list({});
  expect(shown).toContain(
    '1 of 2 cities connected. Start a test: each of them measures the URL once, at the same time. ' +
      'New York 1200 lost',
  );
  expect(shown).toContain('São Paulo offline');
});

test('each city tells how its agent is, and what of it is missing', () => {
  const shown = list({});
  expect(shown).toContain('Connected since 23 Nov 2026 03:00 UTC');
  expect(shown).toContain('Spool 42 results, 64 KiB, the oldest 30 s old (23 Nov 2026 03:10 UTC)');
  expect(shown).toContain('Clock −0.180 ms ± 0.240 ms (agent behind)');
  expect(shown).toContain('Clock set 90 s back of the collector’s, 23 Nov 2026 03:07 UTC');
  expect(shown).toContain('Gap 1 1000 results: the agent’s spool was full (23 Nov 2026 03:00 UTC)');
  expect(shown).toContain('Gap 2 200 results: the agent did not say why');
});

test('without a connected city no test is offered', () => {
  expect(list({ agents: [] })).toBe('0 of 0 cities connected. A test can start once one is.');
});

test('an unreachable collector’s last count is not shown', () => {
  const shown = list({ unreachableSince: '2026-11-23T06:06:00Z' });
  expect(shown).toContain('Collector unreachable since 23 Nov 2026 06:06 UTC.');
  expect(shown).not.toMatch(/\d of 2|offline/);
});
