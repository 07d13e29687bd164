import type { CityResult, DnsFacts, Failure, TcpFacts, TlsFacts } from '../api/types';
import { MISSING, formatClock, formatEndpoint, formatExactMs, formatTime } from '../format';

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

/** What is known about one city's answer, grouped. A group of which nothing is known is left out. */
export function factsOf(result: CityResult): FactGroup[] {
  return [
    { title: 'Failure', facts: result.failure === null ? [] : failureFacts(result.failure) },
    { title: 'Connection', facts: connectionFacts(result) },
    { title: 'TLS', facts: result.tls === null ? [] : tlsFacts(result.tls) },
    { title: 'DNS', facts: result.dns === null ? [] : dnsFacts(result.dns) },
    { title: 'Measurement', facts: measurementFacts(result) },
  ].filter(({ facts }) => facts.some(({ value }) => value !== MISSING));
}

function failureFacts({ phase, origin, cause, message }: Failure): Fact[] {
  return [
    fact('Message', message),
    fact('Phase', phase),
    fact('Origin', origin),
    fact('Cause', cause),
  ];
}

function connectionFacts(result: CityResult): Fact[] {
  return [
    fact('Remote', formatEndpoint(result.remote_ip, result.remote_port)),
    fact('Local', formatEndpoint(result.local_ip, result.local_port)),
    fact('HTTP version', result.http_version),
    ...(result.tcp === null ? [] : tcpFacts(result.tcp)),
  ];
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
    fact('Cipher', tls.cipher),
    fact('Subject', tls.subject),
    fact('Issuer', tls.issuer),
    fact('Not after', formatTime(tls.not_after)),
  ];
}

function dnsFacts({ resolver, addresses, cnames }: DnsFacts): Fact[] {
  const describe = ({ address, ttl_s }: DnsFacts['addresses'][number]) =>
    ttl_s === null ? address : `${address} (TTL ${ttl_s} s)`;
  return [
    fact('Resolver', resolver),
    fact('Addresses', addresses.map(describe).join(', ')),
    fact('CNAMEs', cnames.join(', ')),
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

function fact(label: string, value: string | null): Fact {
  return { label, value: value || MISSING };
}
