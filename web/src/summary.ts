import type { City, CityState, Test } from './api/types';
import { formatCount, formatMs } from './format';

/** One sentence on a test that is done. */
export function summarize(test: Test): string {
  const total = test.cities.length;
  const answered = test.cities.filter((city) => city.state === 'finished');
  return [
    `${answered.length} of ${formatCount(total, 'city', 'cities')} answered`,
    describeExtremes(answered),
    describeOthers(test.cities),
    describeHttpErrors(answered),
  ]
    .filter((part) => part !== '')
    .join('; ');
}

function describeExtremes(answered: City[]): string {
  const timed = answered
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
  const errors = answered.filter((city) => isHttpError(city.result?.status ?? null)).length;
  return errors === 0 ? '' : `${errors} with an HTTP error`;
}

export function isHttpError(status: number | null): boolean {
  return status !== null && status >= 400;
}
