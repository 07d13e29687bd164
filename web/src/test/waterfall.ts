import { PHASES, type Failure, type Phase, type Timings } from '../api/types';

/** On the time axis: where it begins and how wide it is, as shares of the axis from 0 to 1. */
export interface Segment {
  begin: number;
  width: number;
}

export interface PhaseBar extends Segment {
  phase: Phase;
  durationUs: number | null;
  /** The end of the phase. */
  sinceStartUs: number | null;
  /** The agent's own time between the phase before, or the start, and this one. */
  gap: Segment;
  /** False where the agent's own clock had to do, to which its own delays are added. */
  byKernel: boolean;
  /** The probe failed in it. */
  failed: boolean;
}

/** The phases of one exchange on a time axis, which by default ends with it. */
export function waterfallOf(
  timings: Timings,
  failure: Failure | null = null,
  axisUs: number = timings.total_us ?? 0,
): PhaseBar[] {
  return PHASES.map((phase) => {
    const durationUs = timings[`${phase}_us`];
    const sinceStartUs = timings[`${phase}_since_start_us`];
    const known = durationUs !== null && sinceStartUs !== null;
    const ownUs = timings[`${phase}_own_us`] ?? 0;
    const gapUs = timings[`other_before_${phase}_us`] ?? 0;
    const beginUs = known ? sinceStartUs - durationUs - ownUs : 0;
    return {
      phase,
      durationUs,
      sinceStartUs,
      ...segment(beginUs, known ? sinceStartUs : 0, axisUs),
      gap: segment(known ? beginUs - gapUs : 0, beginUs, axisUs),
      byKernel: timings[`${phase}_clock`] === 'kernel',
      failed: failure?.phase === phase,
    };
  });
}

export function segment(beginUs: number, endUs: number, axisUs: number): Segment {
  const axis = axisUs || 1;
  const begin = clamp(beginUs / axis);
  return { begin, width: Math.max(0, clamp(endUs / axis) - begin) };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
