import type { City, Comparison, EdgeEntry, Rating, Test } from '../api/types';
import { cityName } from '../comparison/verdict';
import { messages } from '../i18n/language.svelte';
import { isTerminal } from '../test/reducer';

/** How a city is drawn. Without data it is neither well nor failed. */
export type Sign = Rating | 'no_data' | 'measuring';
export const SIGNS: readonly Sign[] = [
  'excellent',
  'good',
  'slow',
  'failed',
  'no_data',
  'measuring',
];

/** In degrees, north and east. */
export interface Place {
  latitude: number;
  longitude: number;
}

/** Who answered, and where that edge stands, if anybody has said so. */
export interface Answer {
  edge: string;
  place: Place | null;
}

export interface MapCity {
  id: string;
  name: string;
  place: Place;
  sign: Sign;
  ttfbUs: number | null;
  answer: Answer | null;
  /** In the test before, where another edge answered. */
  formerly: Answer | null;
}

export interface MapEdge {
  name: string;
  /** What stands there, as the catalogue says it. */
  site: string;
  place: Place;
  /** Its catchment: those that it answered. */
  cities: MapCity[];
}

export interface Scene {
  cities: MapCity[];
  edges: MapEdge[];
  /** Edges that answered, and of which nobody has said where they stand. */
  unplaced: { name: string; cities: MapCity[] }[];
}

export type Subject = { test: Test } | { comparison: Comparison };

/** What there is to draw; `catalogue` adds the edges that answered nobody. */
export function sceneOf(subject: Subject, catalogue: EdgeEntry[]): Scene {
  const cities =
    'test' in subject ? subject.test.cities.map(cityOf) : citiesCompared(subject.comparison);
  return { cities, ...edgesOf(cities, sidesOf(subject), catalogue) };
}

function citiesCompared(comparison: Comparison): MapCity[] {
  return comparison.cities.map((compared) => {
    const { before, after, moved } = compared;
    const shown = (after ?? before)!;
    const city = { ...cityOf(shown), name: cityName(compared), sign: signCompared(shown) };
    return { ...city, formerly: moved && before ? answerOf(before) : null };
  });
}

function cityOf(city: City): MapCity {
  const { latitude, longitude } = city.agent;
  return {
    id: city.agent_id,
    name: messages().names.city(city.agent.city),
    place: { latitude, longitude },
    sign: signOf(city),
    ttfbUs: city.result?.timings.ttfb_us ?? null,
    answer: answerOf(city),
    formerly: null,
  };
}

function signOf({ state, result }: City): Sign {
  if (!isTerminal(state)) return 'measuring';
  return result?.rating ?? 'no_data';
}

/** As in the comparison's table: what an agent itself failed at tells nothing of the target. */
function signCompared(city: City): Sign {
  return city.result?.failure?.origin === 'agent' ? 'no_data' : signOf(city);
}

function answerOf({ result }: City): Answer | null {
  if (!result || result.edge === null) return null;
  return { edge: result.edge, place: result.edge_location };
}

function sidesOf(subject: Subject): City[] {
  if ('test' in subject) return subject.test.cities;
  return subject.comparison.cities.flatMap(({ before, after }) =>
    [before, after].filter((side) => side !== null),
  );
}

/** An edge is the same one however its name is spelt. */
const key = (name: string) => name.toLowerCase();

function edgesOf(
  cities: MapCity[],
  sides: City[],
  catalogue: EdgeEntry[],
): Pick<Scene, 'edges' | 'unplaced'> {
  const sites = new Map<string, { name: string; site: string; place: Place | null }>();
  for (const { id, city, latitude, longitude } of catalogue) {
    sites.set(key(id), { name: id, site: city, place: { latitude, longitude } });
  }
  for (const { result } of sides) {
    if (!result || result.edge === null) continue;
    const { edge, edge_location: place } = result;
    const known = sites.get(key(edge));
    sites.set(key(edge), { name: edge, site: place?.city ?? '', place, ...known });
  }
  const edges: MapEdge[] = [];
  const unplaced: Scene['unplaced'] = [];
  for (const [id, { name, site, place }] of sites) {
    const catchment = cities.filter(({ answer }) => answer !== null && key(answer.edge) === id);
    if (place !== null) {
      edges.push({ name, site: site && messages().names.city(site), place, cities: catchment });
    } else if (catchment.length > 0) {
      unplaced.push({ name, cities: catchment });
    }
  }
  return { edges, unplaced };
}
