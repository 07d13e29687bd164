import type { City, CityState, Test } from './api/types';
import { formatCount, formatMs } from './format';
import { isHttpError } from './test/http-status';

/** One sentence on a test that is done. */
export function summarize(test: Test): string {
  const total = formatCount(test.cities.length, 'city', 'cities');
  const answered = test.cities.filter((city) => city.state === 'finished');
  const cutOff = test.cities.filter(isCutOff);
  const none = answered.length === 0;
  return [
    none && cutOff.length > 0
      ? ''
      : `${answered.length} of ${total} answered${describeHttpErrors(answered)}`,
    describeExtremes(answered),
    describeCutOff(cutOff.length, none ? ` of ${total}` : ''),
    describeOthers(test.cities.filter((city) => !isCutOff(city))),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

/** The first byte came, the last did not. */
function isCutOff({ state, result }: City): boolean {
  return state === 'failed' && result?.failure?.phase === 'transfer';
}

/** An error page's speed says nothing about the site, so it is neither fastest nor slowest. */
function describeExtremes(answered: City[]): string {
  const timed = answered
    .filter((city) => !isHttpError(city.result?.status ?? null))
    .map((city) => ({ name: city.agent.city, ttfb: city.result?.timings.ttfb_us ?? null }))
    .filter((city): city is { name: string; ttfb: number } => city.ttfb !== null)
    .sort((a, b) => a.ttfb - b.ttfb);
  const fastest = timed[0];
  const slowest = timed[timed.length - 1];
  if (!fastest || !slowest) return '';
  const describe = ({ name, ttfb }: { name: string; ttfb: number }) =>
    `${name} ${formatMs(ttfb)} ms`;
  return fastest === slowest
    ? describe(fastest)
    : `fastest ${describe(fastest)}, slowest ${describe(slowest)}`;
}

function describeCutOff(count: number, ofTotal: string): string {
  return count === 0 ? '' : `${count}${ofTotal} got a first byte, but the answer did not end`;
}

function describeOthers(cities: City[]): string {
  const count = (state: CityState, word: string) => {
    const found = cities.filter((city) => city.state === state).length;
    return found === 0 ? [] : [`${found} ${word}`];
  };
  return [
    ...count('failed', 'failed'),
    ...count('offline', 'offline'),
    ...count('timed_out', 'timed out'),
  ].join(', ');
}

function describeHttpErrors(answered: City[]): string {
  const errors = answered.map((city) => city.result?.status ?? null).filter(isHttpError);
  if (errors.length === 0) return '';
  const statuses = [...new Set(errors)].sort();
  const what =
    statuses.length === 1 ? `HTTP ${statuses[0]}` : `an HTTP error (${statuses.join(', ')})`;
  return `, ${errors.length === answered.length ? 'all' : errors.length} with ${what}`;
}
