import {
  PHASES,
  type City,
  type CityState,
  type Failure,
  type Phase,
  type Test,
  type Timings,
} from '../api/types';
import { formatMs } from '../format';
import { messages } from '../i18n/language.svelte';
import { otherUntilFirstByte } from './other';

/** A span of time of one probe: a phase, or the agent's own time between two of them. */
export interface BarPiece {
  part: Phase | 'other';
  beginUs: number;
  us: number;
  /** The probe failed in it. */
  failed: boolean;
}

/**
 * A probe as pieces that follow each other without a hole, so that those up to the first byte add up
 * to TTFB. What the agent spent within a phase is drawn behind it: where it lay is not known.
 */
export function piecesOf(timings: Timings, failure: Failure | null = null): BarPiece[] {
  const pieces: BarPiece[] = [];
  let endUs = 0;
  const add = (part: BarPiece['part'], untilUs: number, failed = false) => {
    if (untilUs > endUs) pieces.push({ part, beginUs: endUs, us: untilUs - endUs, failed });
    endUs = Math.max(endUs, untilUs);
  };
  for (const phase of PHASES) {
    const us = timings[`${phase}_us`];
    const sinceStartUs = timings[`${phase}_since_start_us`];
    if (us === null || sinceStartUs === null) continue;
    const ownUs = timings[`${phase}_own_us`] ?? 0;
    add('other', sinceStartUs - ownUs - us);
    add(phase, sinceStartUs - ownUs, failure?.phase === phase);
    add('other', sinceStartUs);
  }
  return pieces;
}

/** Where a bar ends. */
export function endOf(pieces: readonly BarPiece[]): number {
  const last = pieces.at(-1);
  return last ? last.beginUs + last.us : 0;
}

/**
 * What the full width of every city's bar stands for: the longest TTFB, rounded up. What lies beyond
 * is cut off: a body that took long, or a timeout, would leave nothing to be seen of the others.
 */
export function scaleOf({ cities, target }: Test): number {
  const ttfbs = cities.flatMap(({ result }) =>
    result === null
      ? []
      : [result, ...result.samples].flatMap(({ timings }) => timings.ttfb_us ?? []),
  );
  // Of several exchanges only one is drawn in the end, so the time since the first says nothing.
  const single = target === null || (target.samples === 1 && target.max_redirects === 0);
  const underWay = cities.map((city) => (single && city.result === null ? city.elapsed_us : 0));
  const longest = Math.max(0, ...ttfbs, ...underWay);
  return roundUp(longest > 0 ? longest : longestReach(cities));
}

function longestReach(cities: readonly City[]): number {
  return Math.max(
    0,
    ...cities.map(({ result }) => (result === null ? 0 : endOf(piecesOf(result.timings)))),
  );
}

const STEPS = [1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 10];

/** In steps, so that it does not change with every city that comes in. At least a millisecond. */
function roundUp(us: number): number {
  const ms = Math.max(us / 1000, 1);
  const power = 10 ** Math.floor(Math.log10(ms));
  return STEPS.find((step) => step * power >= ms)! * power * 1000;
}

/** All that the bar shows, in figures: "DNS 8.2 + … + Other 1.1 = TTFB 34.0 ms; Transfer 0.1 ms". */
export function describeBar(timings: Timings, failure: Failure | null): string {
  const { bar, columns, format, phases } = messages();
  const took = (phase: Phase) => {
    const us = timings[`${phase}_us`];
    return us === null ? [] : [bar.piece(phases[phase], formatMs(us))];
  };
  const parts = PHASES.filter((phase) => phase !== 'transfer').flatMap(took);
  const other = otherUntilFirstByte(timings);
  return format.clauses([
    other === null
      ? bar.reached(parts)
      : bar.sum([...parts, bar.piece(columns.other, formatMs(other))], formatMs(timings.ttfb_us)),
    ...took('transfer').map(bar.milliseconds),
    ...(failure?.phase ? [bar.failedIn(phases[failure.phase])] : []),
  ]);
}

/** How far a city has come that is still measuring. */
export function describeUnderWay(state: CityState, elapsedUs: number): string {
  const { bar, states } = messages();
  return bar.underWay(states[state], formatMs(elapsedUs));
}
