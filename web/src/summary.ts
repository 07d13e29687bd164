import type { City, CityState, Test } from './api/types';
import { formatMs } from './format';
import { messages } from './i18n/language.svelte';
import { isHttpError } from './test/http-status';

/** One sentence on a test that is done. */
export function summarize(test: Test): string {
  const { format, summary } = messages();
  const total = format.cities(test.cities.length);
  const answered = test.cities.filter((city) => city.state === 'finished');
  const cutOff = test.cities.filter(isCutOff).length;
  const allCutOff = answered.length === 0 && cutOff > 0;
  const parts = [
    allCutOff
      ? summary.allCutOff(cutOff, total)
      : summary.answered(answered.length, total) + describeHttpErrors(answered),
    describeExtremes(answered),
    allCutOff || cutOff === 0 ? '' : summary.cutOff(cutOff),
    describeOthers(test.cities.filter((city) => !isCutOff(city))),
  ];
  return format.clauses(parts.filter((part) => part !== ''));
}

/** The first byte came, the last did not. */
function isCutOff({ state, result }: City): boolean {
  return state === 'failed' && result?.failure?.phase === 'transfer';
}

/** An error page's speed says nothing about the site, so it is neither fastest nor slowest. */
function describeExtremes(answered: City[]): string {
  const { names, summary } = messages();
  const timed = answered
    .filter((city) => !isHttpError(city.result?.status ?? null))
    .map((city) => ({ name: city.agent.city, ttfb: city.result?.timings.ttfb_us ?? null }))
    .filter((city): city is { name: string; ttfb: number } => city.ttfb !== null)
    .sort((a, b) => a.ttfb - b.ttfb);
  const fastest = timed[0];
  const slowest = timed[timed.length - 1];
  if (!fastest || !slowest) return '';
  const describe = ({ name, ttfb }: { name: string; ttfb: number }) =>
    `${names.city(name)} ${formatMs(ttfb)} ms`;
  return fastest === slowest
    ? describe(fastest)
    : summary.extremes(describe(fastest), describe(slowest));
}

function describeOthers(cities: City[]): string {
  const { format, summary } = messages();
  const count = (state: CityState, describe: (cities: number) => string) => {
    const found = cities.filter((city) => city.state === state).length;
    return found === 0 ? [] : [describe(found)];
  };
  return format.list([
    ...count('failed', summary.failed),
    ...count('offline', summary.offline),
    ...count('timed_out', summary.timedOut),
  ]);
}

/** Of cities that answered; nothing where none did so with an error. */
export function describeHttpErrors(answered: readonly City[]): string {
  const { summary } = messages();
  const errors = answered.map((city) => city.result?.status ?? null).filter(isHttpError);
  if (errors.length === 0) return '';
  const what = summary.httpError([...new Set(errors)].sort());
  return errors.length === answered.length
    ? summary.allWithError(what)
    : summary.someWithError(errors.length, what);
}
