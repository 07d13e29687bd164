import type { Exchange, Measurement } from '../api/types';
import { familyOf } from './connection-words';

export interface Sample {
  number: number;
  measurement: Exchange;
  family: string | null;
  /** The one whose numbers stand in the city's row. */
  chosen: boolean;
}

/** The TTFB of the samples of one kind. */
export interface SampleSummary {
  /** Address family and reuse, where there are several kinds; else empty. */
  kind: string;
  /** How many got a first byte. */
  timed: number;
  total: number;
  medianUs: number | null;
  leastUs: number | null;
  mostUs: number | null;
}

/** Every sample of a city that was asked several times; none of one that was asked once. */
export function samplesOf(result: Measurement): Sample[] {
  if (result.samples.length < 2) return [];
  const chosen = result.samples.findIndex((sample) => isSame(sample, result));
  return result.samples.map((measurement, index) => ({
    number: index + 1,
    measurement,
    family: familyOf(measurement),
    chosen: index === chosen,
  }));
}

/** A warm sample and a cold one have no median in common, nor have two address families. */
export function summarizeSamples(samples: readonly Sample[]): SampleSummary[] {
  const kinds = new Map<string, Sample[]>();
  for (const sample of samples) {
    const kind = [sample.family, sample.measurement.reuse].filter(Boolean).join(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), sample]);
  }
  return [...kinds].map(([kind, members]) => {
    const ttfbs = members
      .flatMap(({ measurement }) => measurement.timings.ttfb_us ?? [])
      .sort((a, b) => a - b);
    return {
      kind: kinds.size > 1 ? kind : '',
      timed: ttfbs.length,
      total: members.length,
      medianUs: median(ttfbs),
      leastUs: ttfbs[0] ?? null,
      mostUs: ttfbs.at(-1) ?? null,
    };
  });
}

/** The middle one; of the middle two the lower, as a number that was really measured. */
function median(sorted: readonly number[]): number | null {
  return sorted[(sorted.length - 1) >> 1] ?? null;
}

function isSame(sample: Measurement, result: Measurement): boolean {
  return (
    sample.measured_at === result.measured_at &&
    sample.remote_ip === result.remote_ip &&
    sample.timings.total_us === result.timings.total_us
  );
}
