import type { Exchange, Measurement } from '../api/types';
import { formatMs } from '../format';
import { messages } from '../i18n/language.svelte';
import { familyOf } from './family';

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
    const { reuse } = sample.measurement;
    const kind = [sample.family, reuse && messages().reuse[reuse]].filter(Boolean).join(' ');
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

/** In a sentence, of which the number that counts stands between asterisks. */
export function describeSummary(summary: SampleSummary): string {
  const { samples } = messages();
  const { kind, timed, total } = summary;
  const told = samples.firstBytes(describeTimes(summary), timed, total);
  return kind === '' ? told : samples.ofKind(kind, told);
}

function describeTimes({ timed, medianUs, leastUs, mostUs }: SampleSummary): string {
  const { samples } = messages();
  if (timed === 0) return samples.noTtfb;
  const median = formatMs(medianUs);
  return timed === 1
    ? samples.ttfb(median)
    : samples.median(median, formatMs(leastUs), formatMs(mostUs));
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
