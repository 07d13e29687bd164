import type { CityState } from '../api/types';

/** What the page calls each state of a city. */
export const STATE_WORDS: Record<CityState, string> = {
  dispatched: 'Dispatched',
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'First byte',
  transfer: 'Transfer',
  finished: 'Finished',
  failed: 'Failed',
  offline: 'Offline',
  timed_out: 'Timed out',
};
