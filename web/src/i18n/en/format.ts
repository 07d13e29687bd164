import { count } from './count';

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

export const format = {
  /** "23 Nov 2026 06:06 UTC", of a month that counts from 1. */
  minute: (year: number, month: number, day: number, clock: string) =>
    `${day} ${MONTHS[month - 1]} ${year} ${clock} UTC`,
  milliseconds: (milliseconds: number) => `${milliseconds} ms`,
  seconds: (seconds: number) => `${seconds} s`,
  minutes: (minutes: number) => `${minutes} min`,
  hours: (hours: number) => `${hours} h`,
  bytes: (bytes: number) => count(bytes, 'byte'),
  agentAhead: (offset: string) => `${offset} (agent ahead)`,
  agentBehind: (offset: string) => `${offset} (agent behind)`,
  cities: (cities: number) => count(cities, 'city', 'cities'),
  list: (parts: string[]) => parts.join(', '),
  clauses: (parts: string[]) => parts.join('; '),
};
