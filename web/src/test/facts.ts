import type { CityResult, DnsFacts, SelfCheck, TcpFacts, TlsFacts } from '../api/types';
import {
  MISSING,
  formatBytes,
  formatClock,
  formatCount,
  formatEndpoint,
  formatExactMs,
  formatTime,
} from '../format';
import { REUSE_WORDS, familyOf } from './connection-words';
import { describeControl, isRefusal } from './self-check';

export interface Fact {
  label: string;
  value: string;
  /** What the label means, where it does not say so itself. */
  hint?: string;
}

export interface FactGroup {
  title: string;
  facts: Fact[];
}

const CLOCK_HINT =
  "The agent's clock less the collector's: positive where the agent's is ahead, negative where it " +
  'is behind. The error is half of the fastest way there and back.';

const TRANSPORT_WORDS = { udp: 'UDP', tcp: 'TCP: the answer was too long for a datagram' };

/** What is known about one city's answer, grouped. A group of which nothing is known is left out. */
export function factsOf(result: CityResult): FactGroup[] {
  return [
    { title: 'Connection', facts: connectionFacts(result) },
    { title: 'TLS', facts: result.tls === null ? [] : tlsFacts(result.tls) },
    { title: 'DNS', facts: result.dns === null ? [] : dnsFacts(result.dns) },
    { title: 'Measurement', facts: measurementFacts(result) },
    { title: 'Self check', facts: result.self_check ? selfCheckFacts(result.self_check) : [] },
  ].filter(({ facts }) => facts.some(({ value }) => value !== MISSING));
}

function connectionFacts(result: CityResult): Fact[] {
  return [
    fact('Remote', formatEndpoint(result.remote_ip, result.remote_port)),
    fact('Local', formatEndpoint(result.local_ip, result.local_port)),
    fact('Family', familyOf(result)),
    {
      ...fact('Reuse', result.reuse && REUSE_WORDS[result.reuse]),
      hint: 'What the probe had from the one before it',
    },
    fact('HTTP version', result.http_version),
    ...(result.body_bytes === null ? [] : [fact('Body', describeBody(result))]),
    ...(result.tcp === null ? [] : tcpFacts(result.tcp)),
  ];
}

function describeBody({ status, body_bytes, body_truncated }: CityResult): string | null {
  // Before there was a response, no body is not one of no bytes.
  if (status === null || body_bytes === null) return null;
  return body_truncated
    ? `${formatBytes(body_bytes)} read, then stopped`
    : `${formatBytes(body_bytes)} read`;
}

function tcpFacts(tcp: TcpFacts): Fact[] {
  const least = tcp.min_rtt_us === null ? '' : `, least ${formatExactMs(tcp.min_rtt_us)}`;
  return [
    {
      ...fact('Kernel RTT', `${formatExactMs(tcp.rtt_us)}${least}`),
      hint: 'SYN to SYN-ACK as the kernel timed it, and the least of the whole connection',
    },
    fact('Retransmits', String(tcp.retransmits)),
    fact('Congestion control', tcp.congestion_control),
  ];
}

function tlsFacts(tls: TlsFacts): Fact[] {
  return [
    fact('Version', tls.version),
    fact('Resumed', yesOrNo(tls.resumed)),
    fact('Cipher', tls.cipher),
    fact('Subject', tls.subject),
    fact('Issuer', tls.issuer),
    fact('Not after', formatTime(tls.not_after)),
  ];
}

function dnsFacts({ resolver, addresses, cnames, omitted, transport }: DnsFacts): Fact[] {
  const describe = ({ address, ttl_s }: DnsFacts['addresses'][number]) =>
    ttl_s === null ? address : `${address} (TTL ${ttl_s} s)`;
  return [
    fact('Resolver', resolver),
    fact('Transport', transport && TRANSPORT_WORDS[transport]),
    fact('Addresses', addresses.map(describe).join(', ')),
    fact('CNAMEs', cnames.join(', ')),
    ...(omitted > 0 ? [fact('Not kept', formatCount(omitted, 'more record', 'more records'))] : []),
  ];
}

function measurementFacts(result: CityResult): Fact[] {
  return [
    fact('Measured at', formatTime(result.measured_at)),
    fact('Received at', formatTime(result.received_at)),
    {
      ...fact('Clock offset', formatClock(result.clock_offset_us, result.clock_error_us)),
      hint: CLOCK_HINT,
    },
  ];
}

function selfCheckFacts(selfCheck: SelfCheck): Fact[] {
  const { loop_lag_us, overloaded, clock_stepped, control } = selfCheck;
  return [
    {
      ...fact('Loop lag', isRefusal(selfCheck) ? null : formatExactMs(loop_lag_us)),
      hint: 'The longest that anything which was due, or had arrived, waited for the agent',
    },
    fact('Overloaded', yesOrNo(overloaded)),
    {
      ...fact('Clock step', yesOrNo(clock_stepped)),
      hint: 'The wall clock was set meanwhile',
    },
    {
      ...fact('Control target', control && describeControl(control)),
      hint: 'The target by which the agent knows that it is well itself',
    },
  ];
}

function yesOrNo(known: boolean | null): string | null {
  return known === null ? null : known ? 'yes' : 'no';
}

function fact(label: string, value: string | null): Fact {
  return { label, value: value || MISSING };
}
