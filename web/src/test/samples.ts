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
  /** Address family, reuse or both, as far as the samples differ in them; else empty. */
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
  const kinds = byKind(samples);
  return [...kinds].map(([kind, members]) => {
    const ttfbs = members
      .flatMap(({ measurement }) => measurement.timings.ttfb_us ?? [])
      .sort((a, b) => a - b);
    return {
      kind,
      timed: ttfbs.length,
      total: members.length,
      medianUs: median(ttfbs),
      leastUs: ttfbs[0] ?? null,
      mostUs: ttfbs.at(-1) ?? null,
    };
  });
}

/** Where a sample stands in the bar of its city: its first byte, and in which line of how many. */
export interface SampleDot {
  ttfbUs: number;
  line: number;
  lines: number;
}

/** One for each sample that got a first byte, those of a kind in a line of their own. */
export function dotsOf(samples: readonly Sample[]): SampleDot[] {
  const kinds = [...byKind(samples).values()];
  return kinds.flatMap((members, line) =>
    members.flatMap(({ measurement }) => {
      const ttfbUs = measurement.timings.ttfb_us;
      return ttfbUs === null ? [] : [{ ttfbUs, line, lines: kinds.length }];
    }),
  );
}

/** For the city's row: "34.0 (31.0–52.4), 5 samples". */
export function describeInRow({ kind, timed, total, ...times }: SampleSummary): string {
  const { format, samples } = messages();
  const [median, least, most] = [times.medianUs, times.leastUs, times.mostUs].map(formatMs);
  const ttfb = timed === 0 ? samples.noTtfb : samples.range(median!, least!, most!);
  return format.list([
    kind === '' ? ttfb : samples.withKind(kind, ttfb),
    samples.count(timed, total),
  ]);
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

function byKind(samples: readonly Sample[]): Map<string, Sample[]> {
  const kinds = new Map<string, Sample[]>();
  // What all have in common tells no kind apart.
  const families = new Set(samples.map(({ family }) => family)).size > 1;
  const reuses = new Set(samples.map(({ measurement }) => measurement.reuse)).size > 1;
  for (const sample of samples) {
    const { reuse } = sample.measurement;
    const names = [families && sample.family, reuses && reuse && messages().reuse[reuse]];
    const kind = names.filter(Boolean).join(' ');
    kinds.set(kind, [...(kinds.get(kind) ?? []), sample]);
  }
  return kinds;
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
