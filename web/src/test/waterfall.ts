import { PHASES, type Phase, type Timings } from '../api/types';

export interface PhaseBar {
  phase: Phase;
  durationUs: number | null;
  /** The end of the phase. */
  sinceStartUs: number | null;
  /** Where the bar begins and how wide it is, as shares of the total from 0 to 1. */
  begin: number;
  width: number;
  /** False where the agent's own clock had to do, to which its own delays are added. */
  byKernel: boolean;
}

/** The phases of one city on a common time axis. */
export function waterfallOf(timings: Timings): PhaseBar[] {
  const total = timings.total_us || 1;
  return PHASES.map((phase) => {
    const durationUs = timings[`${phase}_us`];
    const ownUs = timings[`${phase}_own_us`] ?? 0;
    const sinceStartUs = timings[`${phase}_since_start_us`];
    const known = durationUs !== null && sinceStartUs !== null;
    return {
      phase,
      durationUs,
      sinceStartUs,
      begin: known ? clamp((sinceStartUs - durationUs - ownUs) / total) : 0,
      width: known ? clamp((durationUs + ownUs) / total) : 0,
      byKernel: timings[`${phase}_clock`] === 'kernel',
    };
  });
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
