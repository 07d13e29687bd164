import type { City, Comparison, Test } from '../api/types';
import { describeComparison } from '../comparison/verdict';
import { formatMinute, formatMs } from '../format';
import { messages } from '../i18n/language.svelte';
import { describeHttpErrors } from '../summary';
import { isHttpError } from '../test/http-status';
import { isTerminal } from '../test/reducer';
import { plain } from './plain';

/** So many cities are named for one reason; more of them are counted. */
const NAMED = 4;

/** A test in a few plain lines, as one sends it to colleagues. */
export function chatTextOfTest(test: Test, comparison: Comparison | null, address: string): string {
  const { share } = messages();
  return linesOf([
    share.heading(test.url, formatMinute(test.created_at)),
    describeAnswers(test.cities),
    comparison === null ? '' : describeComparison(comparison),
    describeFailures(test.cities),
    address,
  ]);
}

export function chatTextOfComparison(comparison: Comparison, address: string): string {
  const { before, after } = comparison;
  return linesOf([
    messages().share.compared(
      after.url,
      formatMinute(before.created_at),
      formatMinute(after.created_at),
    ),
    describeComparison(comparison),
    address,
  ]);
}

function linesOf(lines: string[]): string {
  return lines
    .map(plain)
    .filter((line) => line !== '')
    .join('\n');
}

/** "13 of 14 cities answered; median TTFB 34.0 ms, worst 231 ms (São Paulo)" */
function describeAnswers(cities: readonly City[]): string {
  const { format, names, share, summary } = messages();
  const answered = cities.filter(({ state }) => state === 'finished');
  const underWay = cities.filter(({ state }) => !isTerminal(state)).length;
  // An error page's speed says nothing about the site.
  const timed = answered
    .filter(({ result }) => !isHttpError(result?.status ?? null))
    .flatMap(({ agent, result }) =>
      result === null || result.timings.ttfb_us === null
        ? []
        : { city: names.city(agent.city), us: result.timings.ttfb_us },
    )
    .sort((a, b) => a.us - b.us);
  const median = timed[(timed.length - 1) >> 1];
  const worst = timed.at(-1);
  return format.clauses([
    summary.answered(answered.length, format.cities(cities.length)) + describeHttpErrors(answered),
    ...(median && worst ? [share.times(formatMs(median.us), formatMs(worst.us), worst.city)] : []),
    ...(underWay > 0 ? [share.underWay(format.cities(underWay))] : []),
  ]);
}

/** "refused: Frankfurt; offline: São Paulo", the most frequent first. */
function describeFailures(cities: readonly City[]): string {
  const { format, names, share } = messages();
  const causes = new Map<string, string[]>();
  for (const { agent, result } of cities) {
    if (!result?.failure) continue;
    const { cause } = result.failure;
    causes.set(cause, [...(causes.get(cause) ?? []), names.city(agent.city)]);
  }
  const told = [...causes]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([cause, found]) => {
      const where = found.length > NAMED ? format.cities(found.length) : format.list(found);
      return share.cause(names.cause(cause), where);
    });
  return told.length === 0 ? '' : share.failures(format.clauses(told));
}
