import type { CityResult, DnsFacts, SelfCheck, TcpFacts, TlsFacts } from '../api/types';
import {
  MISSING,
  formatBytes,
  formatClock,
  formatEndpoint,
  formatExactMs,
  formatTime,
} from '../format';
import { messages } from '../i18n/language.svelte';
import { familyOf } from './family';
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

/** What is known about one city's answer, grouped. A group of which nothing is known is left out. */
export function factsOf(result: CityResult): FactGroup[] {
  const { facts } = messages();
  return [
    { title: facts.connection, facts: connectionFacts(result) },
    { title: facts.tls, facts: result.tls === null ? [] : tlsFacts(result.tls, result) },
    { title: facts.dns, facts: result.dns === null ? [] : dnsFacts(result.dns) },
    { title: facts.measurement, facts: measurementFacts(result) },
    { title: facts.selfCheck, facts: result.self_check ? selfCheckFacts(result.self_check) : [] },
  ].filter(({ facts }) => facts.some(({ value }) => value !== MISSING));
}

function connectionFacts(result: CityResult): Fact[] {
  const { facts, hints } = messages();
  return [
    fact(facts.remote, formatEndpoint(result.remote_ip, result.remote_port)),
    fact(facts.local, formatEndpoint(result.local_ip, result.local_port)),
    fact(facts.family, familyOf(result)),
    {
      ...fact(facts.reuseLabel, result.reuse && facts.reuse[result.reuse]),
      hint: hints.reuse,
    },
    fact(facts.httpVersion, result.http_version),
    ...(result.body_bytes === null ? [] : [fact(facts.body, describeBody(result))]),
    ...(result.tcp === null ? [] : tcpFacts(result.tcp)),
    fact(facts.edge, describeEdge(result)),
  ];
}

function describeEdge({ edge, edge_header, edge_rule, edge_location }: CityResult): string | null {
  if (edge === null || edge_header === null) return edge;
  const { facts, names } = messages();
  const { edgeIn, edgeReadBy, edgeReadFrom } = facts;
  const named = edge_location
    ? edgeIn(edge, names.city(edge_location.city), edge_location.country)
    : edge;
  // The rule begins with the header, which is told already.
  const take = edge_rule?.split(': ').slice(1).join(': ');
  return take ? edgeReadBy(named, edge_header, take) : edgeReadFrom(named, edge_header);
}

function describeBody({ status, body_bytes, body_truncated }: CityResult): string | null {
  // Before there was a response, no body is not one of no bytes.
  if (status === null || body_bytes === null) return null;
  const { bodyRead, bodyTruncated } = messages().facts;
  return (body_truncated ? bodyTruncated : bodyRead)(formatBytes(body_bytes));
}

function tcpFacts(tcp: TcpFacts): Fact[] {
  const { facts, hints } = messages();
  const rtt = formatExactMs(tcp.rtt_us);
  return [
    {
      ...fact(
        facts.kernelRtt,
        tcp.min_rtt_us === null ? rtt : facts.rttWithLeast(rtt, formatExactMs(tcp.min_rtt_us)),
      ),
      hint: hints.kernelRtt,
    },
    fact(facts.retransmits, String(tcp.retransmits)),
    fact(facts.congestionControl, tcp.congestion_control),
  ];
}

function tlsFacts(tls: TlsFacts, result: CityResult): Fact[] {
  const { facts } = messages();
  return [
    fact(facts.version, tls.version),
    fact(facts.resumed, yesOrNo(tls.resumed)),
    fact(facts.cipher, tls.cipher),
    fact(facts.subject, tls.subject),
    fact(facts.issuer, tls.issuer),
    fact(facts.notAfter, describeEnd(tls.not_after, result.corrected_at ?? result.measured_at)),
  ];
}

/** With the days that were left when it was measured: a result says the same for ever. */
function describeEnd(notAfter: string | null, measuredAt: string | null): string {
  const end = formatTime(notAfter);
  const days = (Date.parse(notAfter ?? '') - Date.parse(measuredAt ?? '')) / 86_400_000;
  if (Number.isNaN(days)) return end;
  const { daysLeft, daysPast } = messages().facts;
  return days >= 0 ? daysLeft(end, Math.floor(days)) : daysPast(end, Math.floor(-days));
}

function dnsFacts({ resolver, addresses, cnames, omitted, transport }: DnsFacts): Fact[] {
  const { facts, format } = messages();
  const describe = ({ address, ttl_s }: DnsFacts['addresses'][number]) =>
    ttl_s === null ? address : facts.address(address, ttl_s);
  return [
    fact(facts.resolver, resolver),
    fact(facts.transport, transport && facts[transport]),
    fact(facts.addresses, format.list(addresses.map(describe))),
    fact(facts.cnames, format.list(cnames)),
    ...(omitted > 0 ? [fact(facts.notKept, facts.moreRecords(omitted))] : []),
  ];
}

function measurementFacts(result: CityResult): Fact[] {
  const { facts, hints } = messages();
  return [
    fact(facts.measuredAt, formatTime(result.measured_at)),
    fact(facts.receivedAt, formatTime(result.received_at)),
    {
      ...fact(facts.clockOffset, formatClock(result.clock_offset_us, result.clock_error_us)),
      hint: hints.clockOffset,
    },
  ];
}

function selfCheckFacts(selfCheck: SelfCheck): Fact[] {
  const { facts, hints } = messages();
  const { loop_lag_us, overloaded, clock_stepped, control } = selfCheck;
  return [
    {
      ...fact(facts.loopLag, isRefusal(selfCheck) ? null : formatExactMs(loop_lag_us)),
      hint: hints.loopLag,
    },
    fact(facts.overloaded, yesOrNo(overloaded)),
    {
      ...fact(facts.clockStep, yesOrNo(clock_stepped)),
      hint: hints.clockStep,
    },
    {
      ...fact(facts.controlTarget, control && describeControl(control)),
      hint: hints.controlTarget,
    },
  ];
}

function yesOrNo(known: boolean | null): string | null {
  const { yes, no } = messages().facts;
  return known === null ? null : known ? yes : no;
}

function fact(label: string, value: string | null): Fact {
  return { label, value: value || MISSING };
}
