import type { AgentStatus, ClockStep, Gap, Spool } from '../api/types';
import {
  formatBytes,
  formatClock,
  formatCount,
  formatMinute,
  formatSpan,
  MISSING,
} from '../format';
import type { FactGroup } from './facts';

/** Why results are missing, by the API's words for it. */
export const GAP_WORDS: Record<string, string> = {
  spool_full: 'the agent\u2019s spool was full',
  spool_too_old: 'they had become too old in the agent\u2019s spool',
  spool_write_failed: 'the agent\u2019s disk took nothing',
  spool_unreadable: 'the agent\u2019s spool could not be read',
  unreported: 'the agent did not say why',
};

/** What is known of one agent, connected or not. */
export function agentFacts(status: AgentStatus): FactGroup {
  const fact = (label: string, value: string) => ({ label, value, hint: '' });
  const minute = (time: string | null) => (time === null ? MISSING : formatMinute(time));
  const facts = [
    status.connected_since === null
      ? fact('Last seen', minute(status.last_seen_at))
      : fact('Connected', `since ${minute(status.connected_since)}`),
    fact('Last result', minute(status.last_result_at)),
    fact('Spool', status.spool === null ? MISSING : describeSpool(status.spool)),
    fact('Clock', formatClock(status.clock_offset_us, status.clock_error_us)),
    ...status.clock_steps.slice(0, 1).map((step) => fact('Clock set', describeStep(step))),
    fact('Lost', describeLost(status.lost_results)),
    ...status.gaps.map((gap, index) => fact(`Gap ${index + 1}`, describeGap(gap))),
  ];
  return { title: status.agent.city, facts };
}

function describeSpool(spool: Spool): string {
  const age =
    spool.oldest_age_us === null ? '' : `, the oldest ${formatSpan(spool.oldest_age_us)} old`;
  const count = formatCount(spool.results, 'result', 'results');
  const aside =
    spool.set_aside_at === null
      ? ''
      : `; one that could not be read was put aside ${formatMinute(spool.set_aside_at)}`;
  const trouble = spool.error === null ? '' : `; not durable: ${spool.error}`;
  return `${count}, ${formatBytes(spool.bytes)}${age} (${formatMinute(spool.reported_at)})${trouble}${aside}`;
}

function describeStep({ at, by_us }: ClockStep): string {
  const side = by_us < 0 ? 'back' : 'ahead';
  return `${formatSpan(Math.abs(by_us))} ${side} of the collector\u2019s, ${formatMinute(at)}`;
}

function describeLost(lost: number | null): string {
  if (lost === null) return MISSING;
  return lost === 0 ? 'nothing' : formatCount(lost, 'result', 'results');
}

function describeGap({ count, reason, received_at }: Gap): string {
  const lost = formatCount(count, 'result', 'results');
  return `${lost}: ${GAP_WORDS[reason] ?? reason} (${formatMinute(received_at)})`;
}
