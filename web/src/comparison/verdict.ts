import type { Change, ComparedCity, Comparison } from '../api/types';
import { formatMs } from '../format';
import { messages } from '../i18n/language.svelte';

/** So many cities that moved are told one by one; more of them by where they went. */
const TOLD_EACH = 3;

/** What happened between two tests, in one sentence. */
export function describeComparison(comparison: Comparison): string {
  const { format, verdict } = messages();
  const { cities } = comparison;
  const names = (...changes: Change[]) =>
    cities.filter(({ change }) => changes.includes(change)).map(cityName);
  const clause = (found: string[], say: (cities: string) => string) =>
    found.length === 0 ? [] : [say(format.list(found))];
  return format.clauses([
    ...describeMoves(cities),
    ...clause(names('failed'), verdict.failed),
    ...clause(names('recovered'), verdict.recovered),
    ...clause(names('pending'), verdict.pending),
    ...clause(names('no_data'), verdict.noData),
    ...clause(names('before_only', 'after_only'), verdict.oneTest),
    ...describeAnswers(cities),
  ]);
}

export function cityName({ before, after }: ComparedCity): string {
  return messages().names.city((after ?? before)!.agent.city);
}

export function fromTo(before: string, after: string): string {
  return `${before} → ${after}`;
}

function describeMoves(cities: ComparedCity[]): string[] {
  const { format, verdict } = messages();
  const known = cities.filter(({ moved }) => moved !== null);
  const moved = known.filter((city) => city.moved);
  // Of cities that did not say who answered nobody knows whether they moved.
  if (known.length === 0) return [];
  if (moved.length === 0) return [verdict.nobodyMoved(format.cities(known.length))];
  const count = verdict.moved(moved.length, format.cities(known.length));
  const details = moved.length <= TOLD_EACH ? describeEach(moved) : describeGroups(moved);
  return [verdict.detail(count, format.list(details))];
}

function describeEach(moved: ComparedCity[]): string[] {
  return moved.map((city) => {
    const move = `${cityName(city)} ${describeEdges(city)}`;
    const times = describeTimes(city);
    if (times === null) return move;
    // Several stand in a list, whose commas are between the cities.
    return moved.length === 1 ? messages().format.list([move, times]) : `${move} (${times})`;
  });
}

function describeTimes(city: ComparedCity): string | null {
  const times = [city.before, city.after].map((side) => side?.result?.timings.ttfb_us ?? null);
  if (times.includes(null)) return null;
  const [before, after] = times.map(formatMs) as [string, string];
  return `TTFB ${fromTo(before, after)} ms`;
}

function describeGroups(moved: ComparedCity[]): string[] {
  const groups = new Map<string, string[]>();
  for (const city of moved) {
    const edges = describeEdges(city);
    groups.set(edges, [...(groups.get(edges) ?? []), cityName(city)]);
  }
  return [...groups].map(([edges, names]) => `${edges} (${names.join(', ')})`);
}

function describeEdges({ before, after }: ComparedCity): string {
  return fromTo(before?.result?.edge ?? '', after?.result?.edge ?? '');
}

/** How the later test was answered. A city of which nothing is known did not answer nor fail to. */
function describeAnswers(cities: ComparedCity[]): string[] {
  const { format, verdict } = messages();
  const measured = cities.map(({ after }) => after?.result).filter((result) => result?.rating);
  const counts = new Map<number, number>();
  for (const result of measured) {
    const status = result?.status ?? null;
    if (status !== null) counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  const [most, ...others] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const silent = measured.filter((result) => result?.status === null).length;
  const parts = [
    ...(most ? [verdict.answered(most[1], measured.length, most[0])] : []),
    ...others.map(([status, count]) => verdict.alsoAnswered(count, status)),
    ...(silent > 0 ? [verdict.silent(silent)] : []),
  ];
  return parts.length === 0 ? [] : [format.list(parts)];
}
