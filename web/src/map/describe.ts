import { formatMs } from '../format';
import { messages } from '../i18n/language.svelte';
import type { MapCity, MapEdge, Scene, Sign } from './scene';

export function describeSign(sign: Sign): string {
  const { map, names } = messages();
  if (sign === 'no_data') return map.noData;
  return sign === 'measuring' ? map.measuring : names.rating(sign);
}

/** "New York: slow, TTFB 229 ms, by la1". */
export function describeCity({ name, sign, ttfbUs, answer }: MapCity): string {
  const { map } = messages();
  const word = describeSign(sign);
  const city =
    ttfbUs === null ? map.cityWithout(name, word) : map.city(name, word, formatMs(ttfbUs));
  return answer === null ? city : map.by(city, answer.edge);
}

/** "la1, Los Angeles". */
export function describeSite({ name, site }: MapEdge): string {
  return site === '' ? name : messages().map.site(name, site);
}

/** Which cities an edge answered, or that it was none. */
export function describeCatchment({ cities }: MapEdge): string {
  const { format, map } = messages();
  return cities.length === 0 ? map.nobody : format.list(cities.map(({ name }) => name));
}

/** Edges that are not drawn; empty where there are none. */
export function describeUnplaced({ unplaced }: Scene): string {
  const { format, map } = messages();
  if (unplaced.length === 0) return '';
  const edges = unplaced.map(({ name, cities }) => map.unplacedEdge(name, cities.length));
  return map.unplaced(format.list(edges));
}
