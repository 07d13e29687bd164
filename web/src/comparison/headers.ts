import type { Comparison } from '../api/types';
import { messages } from '../i18n/language.svelte';
import { visible } from '../test/visible';
import { cityName, fromTo } from './verdict';

/** So many cities are named; more of them are counted. */
const NAMED = 3;

/** "x-version: v411 → v412 in 13 cities" */
export function headerChanges(comparison: Comparison): string[] {
  const { comparison: text } = messages();
  const shown = (value: string | null) => (value === null ? text.noHeader : visible(value));
  return comparison.headers.changes.map(({ name, before, after, agent_ids }) => {
    const change = fromTo(shown(before), shown(after));
    return text.differs(name, text.inCities(change, citiesOf(comparison, agent_ids)));
  });
}

/** "x-version: v412 in 13 cities, v411 in Frankfurt" */
export function headerDifferences(comparison: Comparison): string[] {
  const { comparison: text, format } = messages();
  return comparison.headers.differences.map(({ name, values }) => {
    const groups = values.map(({ value, agent_ids }) =>
      text.inCities(
        value === null ? text.noHeader : visible(value),
        citiesOf(comparison, agent_ids),
      ),
    );
    return text.differs(name, format.list(groups));
  });
}

function citiesOf({ cities }: Comparison, ids: string[]): string {
  const { format } = messages();
  if (ids.length > NAMED) return format.cities(ids.length);
  const names = ids.map((id) => cities.find(({ agent_id }) => agent_id === id));
  return format.list(names.map((city, index) => (city ? cityName(city) : ids[index]!)));
}
