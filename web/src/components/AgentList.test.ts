import { expect, test } from 'vitest';
import type { AgentStatus } from '../api/types';
import { golden } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import AgentList from './AgentList.svelte';

const { agents } = golden('agents.json') as { agents: AgentStatus[] };
const list = (props: { agents?: AgentStatus[]; unreachableSince?: string | null }) =>
  textOf(markupOf(AgentList, { agents, unreachableSince: null, ...props }));

test('the cities are counted, and the one that is away is marked', () => {
  expect(list({})).toBe(
    '1 of 2 cities connected. Start a test: each of them measures the URL once, at the same time. ' +
      'New York São Paulo offline',
  );
});

test('without a connected city no test is offered', () => {
  expect(list({ agents: [] })).toBe('0 of 0 cities connected. A test can start once one is.');
});

test('an unreachable collector’s last count is not shown', () => {
  const shown = list({ unreachableSince: '2026-11-23T06:06:00Z' });
  expect(shown).toContain('Collector unreachable since 23 Nov 2026 06:06 UTC.');
  expect(shown).not.toMatch(/\d of 2|offline/);
});
