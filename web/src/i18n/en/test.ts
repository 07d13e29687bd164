import type { CityState, Family, Phase, Reuse } from '../../api/types';
import type { Column, Sort } from '../../test/sort';
import { count } from './count';

export const states: Record<CityState, string> = {
  dispatched: 'Dispatched',
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'Waiting',
  transfer: 'Transfer',
  finished: 'Finished',
  failed: 'Failed',
  offline: 'Offline',
  timed_out: 'Timed out',
};

export const phases: Record<Phase, string> = {
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'Wait',
  transfer: 'Transfer',
};

export const phaseHints: Record<Phase, string> = {
  dns: "From the query's leaving to the answer",
  connect: 'From the SYN to the SYN-ACK',
  tls: "From the ClientHello to the server's last word of the handshake, each turn by itself",
  wait: 'From the request to the first byte of the response',
  transfer: 'From the first byte to the last; at most 64 KiB of the body are read',
};

export const columns: Record<Column, string> = {
  city: 'City',
  status: 'Status',
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'Wait',
  other: 'Other',
  ttfb: 'TTFB',
  rating: 'Rating',
  edge: 'Edge',
};

export const families: Record<Family, string> = {
  any: 'any',
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  both: 'IPv4 and IPv6',
};

export const reuse: Record<Reuse, string> = {
  cold: 'cold',
  resumed: 'resumed',
  warm: 'warm',
};

export const outcome = {
  httpError: 'An HTTP error status: rated as failed, however fast it came',
  redirect: 'Redirect',
  notFollowed: 'This redirect was not followed: it is itself what was timed',
  status: (status: number) => `HTTP status ${status}`,
};

export const overloaded = {
  word: 'overloaded',
  meaning: "The agent was overloaded: its own clock's numbers are not to be trusted",
};

export const row = {
  caption: (url: string) => `What each city measured for ${url}`,
  afterRedirects: (redirects: number) => `After ${count(redirects, 'redirect')}`,
  numbersOfLast: (after: string) => `${after}: the numbers are the last exchange's`,
  other: "The agent's own time until the first byte: with the phases it adds up to TTFB",
  ttfb: "From start to first response byte: includes DNS, connect, TLS and the agent's own time",
  unloaded: 'The detail could not be loaded: reload the page.',
  /** Of a failure that most cities share. */
  shared: (failed: number, total: number) => `${failed} of ${total}:`,
  place: (place: string) => `(${place})`,
};

export const sort = {
  by: 'Sort by',
  turn: (direction: Sort['direction']) =>
    direction === 'ascending' ? 'ascending: make it descending' : 'descending: make it ascending',
};

export const legend = {
  title: 'Ratings',
  about: 'Rated by TTFB, from the start of the probe to the first byte of the response:',
  excellent: '< 50 ms',
  good: '< 100 ms',
  slow: 'from 100 ms',
  failed: 'probe failed or HTTP status ≥ 400',
};

export const summary = {
  answered: (answered: number, cities: string) => `${answered} of ${cities} answered`,
  allWithError: (what: string) => `, all with ${what}`,
  someWithError: (errors: number, what: string) => `, ${errors} with ${what}`,
  httpError: (statuses: number[]) =>
    statuses.length === 1 ? `HTTP ${statuses[0]}` : `an HTTP error (${statuses.join(', ')})`,
  extremes: (fastest: string, slowest: string) => `fastest ${fastest}, slowest ${slowest}`,
  cutOff: (cities: number) => `${cities} got a first byte, but the answer did not end`,
  allCutOff: (cut: number, cities: string) =>
    `${cut} of ${cities} got a first byte, but the answer did not end`,
  failed: (cities: number) => `${cities} failed`,
  offline: (cities: number) => `${cities} offline`,
  timedOut: (cities: number) => `${cities} timed out`,
};

export const target = {
  body: (method: string, size: string) => `${method} of ${size}`,
  requestHeaders: (headers: number) => count(headers, 'request header'),
  connectTo: (address: string) => `dialled ${address}`,
  resolver: (address: string) => `resolver ${address}`,
  redirects: (redirects: number) => `follows up to ${count(redirects, 'redirect')}`,
  samples: (samples: number) => `${samples} samples`,
  samplesOf: (samples: number, kind: string) => `${samples} ${kind} samples`,
  timeout: (seconds: number) => `timeout ${seconds} s`,
  limit: (phase: string, ms: number) => `${phase} limit ${ms} ms`,
  expects: (parts: string[]) => `expects ${parts.join(' and ')}`,
  status: (status: string) => `status ${status}`,
  responseHeaders: (headers: number) => count(headers, 'response header'),
  certificateDays: (days: number) => `a certificate for another ${count(days, 'day')}`,
  ttfb: (ms: number) => `TTFB up to ${ms} ms`,
};
