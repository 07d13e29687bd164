import { expect, test } from 'vitest';
import { decodeAgents } from '../api/decode';
import type { AgentStatus } from '../api/types';
import { golden } from '../testing/goldens';
import { agentFacts } from './agent-facts';

const agents = decodeAgents(golden('agents.json')) ?? [];
const [newYork, saoPaulo] = agents as [AgentStatus, AgentStatus];
const values = (status: AgentStatus) =>
  Object.fromEntries(agentFacts(status).facts.map(({ label, value }) => [label, value]));

test('what is not known of an agent is a dash, and not a zero', () => {
  expect(values(saoPaulo)).toEqual({
    'Last seen': '22 Nov 2026 20:00 UTC',
    'Last result': '–',
    Spool: '–',
    Clock: '–',
    Lost: 'nothing',
  });
});

test('an older collector says nothing of losses', () => {
  const older = decodeAgents({ agents: [{ agent: newYork.agent, state: 'connected' }] });
  expect(values(older![0]!)).toMatchObject({ Lost: '–', Spool: '–', 'Last seen': '–' });
});

test('a spool that cannot keep results says why, and that one was put aside', () => {
  const spool = {
    ...newYork.spool!,
    error: 'the disk is full',
    set_aside_at: '2026-11-23T02:00:00Z',
  };
  const text = values({ ...newYork, spool })['Spool'];
  expect(text).toContain('not durable: the disk is full');
  expect(text).toContain('one that could not be read was put aside 23 Nov 2026 02:00 UTC');
});

test('a reason that this page does not know is shown as it came', () => {
  const gap = { ...newYork.gaps[0]!, reason: 'whim' };
  expect(values({ ...newYork, gaps: [gap] })['Gap 1']).toContain('1000 results: whim');
});
