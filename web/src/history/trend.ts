import type { PastTest } from '../api/types';

/** What a plot over time is drawn from: seconds since the epoch, ascending, and milliseconds. */
export interface Trend {
  times: number[];
  medians: (number | null)[];
  fastest: (number | null)[];
  slowest: (number | null)[];
  /** Where in the height a test with failures has its mark; null where none failed. */
  failures: (number | null)[];
}

const ms = (us: number | null) => (us === null ? null : us / 1000);

/**
 * `tests` come newest first. A test in which nobody answered has no time: nothing is drawn over it, so
 * that no line says what nobody has measured.
 */
export function trendOf(tests: readonly PastTest[]): Trend {
  const ended = tests.filter(({ state }) => state !== 'running').reverse();
  return {
    times: ended.map(({ created_at }) => Date.parse(created_at) / 1000),
    medians: ended.map(({ median_ttfb_us }) => ms(median_ttfb_us)),
    fastest: ended.map(({ fastest_ttfb_us }) => ms(fastest_ttfb_us)),
    slowest: ended.map(({ slowest_ttfb_us }) => ms(slowest_ttfb_us)),
    failures: ended.map((test) => (failedIn(test) > 0 ? (ms(test.median_ttfb_us) ?? 0) : null)),
  };
}

/** Cities that answered badly, or failed. Of those offline or timed out nothing is known. */
export function failedIn({ finished, failed, succeeded }: PastTest): number {
  return failed + finished - succeeded;
}

export function withoutDataIn({ offline, timed_out }: PastTest): number {
  return offline + timed_out;
}
