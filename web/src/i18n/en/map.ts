import { count } from './count';

export const map = {
  title: 'Map',
  about: (url: string) => `Which edge answered each city for ${url}`,
  noData: 'no data',
  measuring: 'measuring',
  edge: 'edge',
  unusedEdge: 'edge that answered nobody',
  formerly: 'answered before',
  city: (city: string, sign: string, ttfb: string) => `${city}: ${sign}, TTFB ${ttfb} ms`,
  cityWithout: (city: string, sign: string) => `${city}: ${sign}`,
  by: (city: string, edge: string) => `${city}, by ${edge}`,
  catchments: 'Edges and the cities that they answered',
  site: (edge: string, site: string) => `${edge}, ${site}`,
  nobody: 'no city',
  unplaced: (edges: string) => `Not on the map, as nobody has said where they stand: ${edges}.`,
  unplacedEdge: (edge: string, cities: number) => `${edge} (${count(cities, 'city', 'cities')})`,
  noCatalogue: 'The collector did not say which other edges there are.',
};
