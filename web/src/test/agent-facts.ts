import type { AgentStatus, ClockStep, Gap, Spool } from '../api/types';
import { formatBytes, formatClock, formatMinute, formatSpan, MISSING } from '../format';
import { messages } from '../i18n/language.svelte';
import type { FactGroup } from './facts';

/** What is known of one agent, connected or not. */
export function agentFacts(status: AgentStatus): FactGroup {
  const { agents, names } = messages();
  const fact = (label: string, value: string) => ({ label, value, hint: '' });
  const minute = (time: string | null) => (time === null ? MISSING : formatMinute(time));
  const facts = [
    status.connected_since === null
      ? fact(agents.lastSeen, minute(status.last_seen_at))
      : fact(agents.connected, agents.since(minute(status.connected_since))),
    fact(agents.lastResult, minute(status.last_result_at)),
    fact(agents.spool, status.spool === null ? MISSING : describeSpool(status.spool)),
    fact(agents.clock, formatClock(status.clock_offset_us, status.clock_error_us)),
    ...status.clock_steps.slice(0, 1).map((step) => fact(agents.clockSet, describeStep(step))),
    fact(agents.lost, describeLost(status.lost_results)),
    ...status.gaps.map((gap, index) => fact(agents.gap(index + 1), describeGap(gap))),
  ];
  return { title: names.city(status.agent.city), facts };
}

function describeSpool(spool: Spool): string {
  const { agents, format } = messages();
  const { error, oldest_age_us, set_aside_at } = spool;
  const results = agents.results(spool.results);
  const size = formatBytes(spool.bytes);
  const time = formatMinute(spool.reported_at);
  return format.clauses([
    oldest_age_us === null
      ? agents.spooled(results, size, time)
      : agents.spooledSince(results, size, formatSpan(oldest_age_us), time),
    ...(error === null ? [] : [agents.notDurable(error)]),
    ...(set_aside_at === null ? [] : [agents.putAside(formatMinute(set_aside_at))]),
  ]);
}

function describeStep({ at, by_us }: ClockStep): string {
  const { setAhead, setBack } = messages().agents;
  return (by_us < 0 ? setBack : setAhead)(formatSpan(Math.abs(by_us)), formatMinute(at));
}

function describeLost(lost: number | null): string {
  const { agents } = messages();
  if (lost === null) return MISSING;
  return lost === 0 ? agents.nothing : agents.results(lost);
}

function describeGap({ count, reason, received_at }: Gap): string {
  const { agents, gaps } = messages();
  const known: Record<string, string> = gaps;
  return agents.gapOf(agents.results(count), known[reason] ?? reason, formatMinute(received_at));
}
