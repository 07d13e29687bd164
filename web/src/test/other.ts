import { PHASES, type Phase, type Timings } from '../api/types';
import { messages } from '../i18n/language.svelte';
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

/** What `other` consists of, in the order of time. What took no time, or is not known, is left out. */
export function otherPartsOf(timings: Timings): OtherPart[] {
  const { other, phases } = messages();
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
      where: other.within(phases[phase]),
      what: describeWithin(phase),
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
  const { other } = messages();
  const begin = other.begins[next];
  return {
    where: last === null ? other.before(begin) : other.between(other.ends[last], begin),
    what: last === 'tls' ? other.cryptography : other.preparations[next],
  };
}

/** What the agent did within a phase itself, where that is known. */
function describeWithin(phase: Phase): string {
  const { withinDns, withinTls } = messages().other;
  return phase === 'dns' ? withinDns : phase === 'tls' ? withinTls : '';
}

function describeEnd(last: Phase | null): string {
  const { other } = messages();
  if (last === null) return other.beforeAnything;
  return last === 'transfer' ? other.afterLastByte : other.afterLastPhase;
}
