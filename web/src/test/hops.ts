import type { Failure, Measurement } from '../api/types';
import { messages } from '../i18n/language.svelte';
import { redirectTarget } from './redirect';

/** One exchange on the way to the answer. */
export interface Hop {
  measurement: Measurement;
  /** Null where the page cannot tell. */
  url: HopUrl | null;
}

export interface HopUrl {
  beforeHost: string;
  host: string;
  afterHost: string;
  /** Another host than the hop before. */
  moved: boolean;
  /** From https to http. */
  downgraded: boolean;
}

/** The exchanges of a probe in order, the answer last; none where no redirect was followed. */
export function hopsOf(result: Measurement, url: string): Hop[] {
  if (result.redirects.length === 0) return [];
  const exchanges = [...result.redirects, { ...result, url: finalUrl(result, url) }];
  return exchanges.map((measurement, index) => ({
    measurement,
    url: describeUrl(measurement.url, exchanges[index - 1]?.url ?? null),
  }));
}

/**
 * What the last exchange asked for. Where an older collector does not say it: `url`, or where the
 * last redirect led.
 */
export function finalUrl(result: Measurement, url: string): string | null {
  if (result.url !== null) return result.url;
  const last = result.redirects.at(-1);
  return last === undefined ? url : redirectTarget(last, last.url);
}

/** The common time axis: the longest of them. Hops are never summed. */
export function axisOf(hops: readonly Hop[]): number {
  return Math.max(0, ...hops.map(({ measurement }) => measurement.timings.total_us ?? 0));
}

/** What came back: a status, or why nothing did. */
export function outcomeWords(status: number | null, failure: Failure | null): string {
  if (status !== null) return String(status);
  const { hops, names } = messages();
  return failure === null ? hops.noAnswer : names.cause(failure.cause);
}

function describeUrl(url: string | null, before: string | null): HopUrl | null {
  const parsed = url === null ? null : parseUrl(url);
  if (parsed === null) return null;
  const previous = before === null ? null : parseUrl(before);
  return {
    beforeHost: `${parsed.protocol}//`,
    host: parsed.host,
    afterHost: parsed.pathname + parsed.search + parsed.hash,
    moved: previous !== null && previous.host !== parsed.host,
    downgraded: previous?.protocol === 'https:' && parsed.protocol === 'http:',
  };
}

export function parseUrl(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
