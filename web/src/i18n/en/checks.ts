import type { CheckState } from '../../api/types';

/** How a city does at what it probes on a schedule. */
export const checkStates: Record<CheckState, string> = {
  finished: 'Finished',
  failed: 'Failed',
  no_data: 'No data',
};

export const checks = {
  title: 'On a schedule',
  every: (span: string) => `every ${span}`,
  unassigned: 'no city has it yet',
  tallied: (state: string, cities: string) => `${state}: ${cities}`,
  stale: (time: string) => `As of ${time}: the collector gives no answer.`,
  caption: (name: string) => `How each city does at the check ${name}`,
  neither: 'No data is neither up nor down: a probe was due, and nothing is known of it.',
  state: 'State',
  last: 'Last result',
  slots: 'Results of probes due',
  noResult: 'none yet',
  stored: (stored: number, expected: number, since: string) =>
    `${stored} of ${expected} since ${since}`,
  late: (slots: number) => `${slots} late`,
  skipped: (slots: number) => `${slots} skipped by the agent`,
  noData: (slots: number) => `${slots} no data`,
};
