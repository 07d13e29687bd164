import type { Change } from '../../api/types';
import { count } from './count';

export const changes: Record<Change, string> = {
  failed: 'Failed',
  moved: 'Moved',
  recovered: 'Recovered',
  pending: 'Measuring',
  no_data: 'No data',
  before_only: 'Before only',
  after_only: 'After only',
  unchanged: 'Unchanged',
};

export const comparison = {
  title: 'Before and after',
  open: 'Compare city by city',
  loading: 'Comparing…',
  before: 'Before',
  after: 'After',
  otherTarget:
    'The two tests did not ask for the same thing in the same way, so their times differ for that, too.',
  caption: (url: string) => `What changed for each city, from one test of ${url} to the next`,
  change: 'Change',
  /** The column of a phase's difference. */
  delta: (phase: string) => `Δ ${phase}`,
  ttfb: 'TTFB',
  edge: 'Edge',
  other: 'Other',
  status: 'Status',
  unknownEdge: 'not named',
  headerChanges: 'Headers that changed',
  headerDifferences: 'Headers that differ between the cities now',
  noHeader: 'absent',
  inCities: (value: string, cities: string) => `${value} in ${cities}`,
  differs: (name: string, values: string) => `${name}: ${values}`,
};

/** The sentence on top of a comparison, clause by clause. */
export const verdict = {
  moved: (cities: number, total: string) => `${cities} of ${total} moved`,
  nobodyMoved: (total: string) => `None of ${total} moved`,
  detail: (summary: string, details: string) => `${summary}: ${details}`,
  failed: (cities: string) => `failing now: ${cities}`,
  recovered: (cities: string) => `answering again: ${cities}`,
  pending: (cities: string) => `still measuring: ${cities}`,
  noData: (cities: string) => `no data: ${cities}`,
  oneTest: (cities: string) => `in one of the tests only: ${cities}`,
  answered: (cities: number, total: number, status: number) =>
    `${cities} of ${total} answered ${status}`,
  alsoAnswered: (cities: number, status: number) => `${cities} answered ${status}`,
  silent: (cities: number) => `${count(cities, 'city', 'cities')} did not answer`,
};
