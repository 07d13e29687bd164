import { CITY_STATES, RATINGS, type AgentStatus, type City } from '../api/types';
import { language, LANGUAGES, messages } from '../i18n/language.svelte';
import { otherUntilFirstByte } from './other';

/** Those that a table can be sorted by, in the order in which they stand. */
export const COLUMNS = [
  'city',
  'status',
  'dns',
  'connect',
  'tls',
  'wait',
  'other',
  'ttfb',
  'rating',
  'edge',
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Sort {
  column: Column;
  direction: 'ascending' | 'descending';
}

/** Before a test and after it. */
export const DEFAULT_SORT: Sort = { column: 'city', direction: 'ascending' };

/** A column's header goes from ascending to descending and back to the cities' names. */
export function nextSort(sort: Sort, column: Column): Sort {
  if (sort.column !== column) return { column, direction: 'ascending' };
  return sort.direction === 'ascending' ? { column, direction: 'descending' } : DEFAULT_SORT;
}

/** As an address says it, "?sort=ttfb&order=desc"; what it does not say, or wrongly, is by name. */
export function sortOf(search: string): Sort {
  const query = new URLSearchParams(search);
  const column = COLUMNS.find((name) => name === query.get('sort'));
  if (column === undefined) return DEFAULT_SORT;
  return { column, direction: query.get('order') === 'desc' ? 'descending' : 'ascending' };
}

/** An address' query with this order in it, and all else that it says left as it is. */
export function searchWith(search: string, { column, direction }: Sort): string {
  const query = new URLSearchParams(search);
  query.delete('sort');
  query.delete('order');
  const descending = direction === 'descending';
  if (column !== DEFAULT_SORT.column || descending) query.set('sort', column);
  if (descending) query.set('order', 'desc');
  const said = query.toString();
  return said === '' ? '' : `?${said}`;
}

export function sortAgents(agents: readonly AgentStatus[]): AgentStatus[] {
  const compare = comparison();
  return [...agents].sort((a, b) => compare(nameOf(a), nameOf(b)));
}

/** A sorted copy. Cities without a value come last in either direction. */
export function sortCities(cities: readonly City[], sort: Sort): City[] {
  const compare = comparison();
  const sign = sort.direction === 'ascending' ? 1 : -1;
  return [...cities].sort((a, b) => {
    const [left, right] = [valueOf(a, sort.column), valueOf(b, sort.column)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * compare(left, right);
  });
}

function valueOf(city: City, column: Column): string | number | null {
  const { result } = city;
  switch (column) {
    case 'city':
      return nameOf(city);
    case 'status':
      return statusRank(city);
    case 'rating':
      return result?.rating ? RATINGS.indexOf(result.rating) : null;
    case 'edge':
      return result && result.edge;
    case 'other':
      return result && otherUntilFirstByte(result.timings);
    default:
      return result && result.timings[`${column}_us`];
  }
}

/** Answers by their HTTP status, then what did not answer, by kind. */
function statusRank({ state, result }: City): number {
  const kind = state === 'finished' ? 0 : CITY_STATES.indexOf(state) + 1;
  return kind * 1000 + (result?.status ?? 0);
}

/** As it is shown. */
function nameOf({ agent }: City | AgentStatus): string {
  return messages().names.city(agent.city);
}

function comparison(): (a: string | number, b: string | number) => number {
  const { compare } = new Intl.Collator(LANGUAGES[language()].tag, { numeric: true });
  return (a, b) => (typeof a === 'string' ? compare(a, String(b)) : a - Number(b));
}
