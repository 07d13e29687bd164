import { PHASES, type Phase, type Timings } from '../api/types';
import { PHASE_WORDS } from './phases';
import { segment, type Segment } from './waterfall';

/** A piece of the agent's own time. */
export interface OtherPart {
  /** Between which two packets it lies, or within which phase. */
  where: string;
  /** What the agent did meanwhile; empty where the place says it. */
  what: string;
  us: number;
  /** Null where it lies within a phase. */
  segment: Segment | null;
}

const BEGINS: Record<Phase, string> = {
  dns: 'query',
  connect: 'SYN',
  tls: 'ClientHello',
  wait: 'request',
  transfer: 'body',
};

const ENDS: Record<Phase, string> = {
  dns: 'DNS answer',
  connect: 'SYN-ACK',
  tls: 'handshake',
  wait: 'first byte',
  transfer: 'last byte',
};

const PREPARATIONS: Record<Phase, string> = {
  dns: 'starting the probe',
  connect: 'preparing the connection',
  tls: 'preparing TLS',
  wait: 'preparing the request',
  transfer: 'reading the response',
};

/** What the agent did within a phase itself, where that is known. */
const WITHIN: Partial<Record<Phase, string>> = {
  dns: 'between two queries',
  tls: 'own cryptography between two turns of the handshake',
};

/** What `other` consists of, in the order of time. What took no time, or is not known, is left out. */
export function otherPartsOf(timings: Timings): OtherPart[] {
  const total = timings.total_us ?? 0;
  const parts: OtherPart[] = [];
  let last: Phase | null = null;
  let endUs = 0;
  for (const phase of PHASES) {
    const us = timings[`other_before_${phase}_us`];
    if (us !== null) parts.push({ ...wordsOf(last, phase), us, segment: at(endUs, us) });
    const sinceStartUs = timings[`${phase}_since_start_us`];
    if (sinceStartUs === null) continue;
    last = phase;
    endUs = sinceStartUs;
    parts.push({
      where: `within ${PHASE_WORDS[phase]}`,
      what: WITHIN[phase] ?? '',
      us: timings[`${phase}_own_us`] ?? 0,
      segment: null,
    });
  }
  const us = timings.other_after_us ?? 0;
  parts.push({ where: describeEnd(last), what: '', us, segment: at(endUs, us) });
  return parts.filter((part) => part.us > 0);

  function at(beginUs: number, us: number): Segment {
    return segment(beginUs, beginUs + us, total);
  }
}

/** The agent's own time up to the first byte, which TTFB contains. */
export function otherUntilFirstByte(timings: Timings): number | null {
  if (timings.ttfb_us === null) return null;
  const phases = PHASES.filter((phase) => phase !== 'transfer');
  return phases.reduce((rest, phase) => rest - (timings[`${phase}_us`] ?? 0), timings.ttfb_us);
}

function wordsOf(last: Phase | null, next: Phase): Pick<OtherPart, 'where' | 'what'> {
  const begin = BEGINS[next];
  return {
    where: last === null ? `before the ${begin}` : `${ENDS[last]} → ${begin}`,
    what: last === 'tls' ? 'own cryptography' : PREPARATIONS[next],
  };
}

function describeEnd(last: Phase | null): string {
  if (last === null) return 'before anything was sent';
  return last === 'transfer' ? 'after the last byte' : 'after the last phase';
}
