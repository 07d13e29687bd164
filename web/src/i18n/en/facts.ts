import type { Reuse } from '../../api/types';
import { count } from './count';

const reuse: Record<Reuse, string> = {
  cold: 'cold: a new connection',
  resumed: 'resumed: a new connection with an earlier TLS session',
  warm: 'warm: an earlier connection',
};

export const facts = {
  connection: 'Connection',
  tls: 'TLS',
  dns: 'DNS',
  measurement: 'Measurement',
  selfCheck: 'Self check',

  remote: 'Remote',
  local: 'Local',
  family: 'Family',
  reuseLabel: 'Reuse',
  reuse,
  httpVersion: 'HTTP version',
  body: 'Body',
  bodyRead: (size: string) => `${size} read`,
  bodyTruncated: (size: string) => `${size} read, then stopped`,
  kernelRtt: 'Kernel RTT',
  rttWithLeast: (rtt: string, least: string) => `${rtt}, least ${least}`,
  retransmits: 'Retransmits',
  congestionControl: 'Congestion control',
  edge: 'Edge',
  edgeIn: (edge: string, city: string, country: string) => `${edge} (${city}, ${country})`,
  edgeReadFrom: (edge: string, header: string) => `${edge}, read from ${header}`,
  edgeReadBy: (edge: string, header: string, take: string) =>
    `${edge}, read from ${header} (rule: ${take})`,

  version: 'Version',
  resumed: 'Resumed',
  cipher: 'Cipher',
  subject: 'Subject',
  issuer: 'Issuer',
  notAfter: 'Not after',
  daysLeft: (end: string, days: number) =>
    days === 0
      ? `${end}: less than a day left when it was measured`
      : `${end}: ${count(days, 'day')} left when it was measured`,
  daysPast: (end: string, days: number) =>
    days === 0
      ? `${end}: expired less than a day before it was measured`
      : `${end}: expired ${count(days, 'day')} before it was measured`,

  resolver: 'Resolver',
  transport: 'Transport',
  udp: 'UDP',
  tcp: 'TCP: the answer was too long for a datagram',
  addresses: 'Addresses',
  address: (address: string, ttlSeconds: number) => `${address} (TTL ${ttlSeconds} s)`,
  cnames: 'CNAMEs',
  notKept: 'Not kept',
  moreRecords: (records: number) => count(records, 'more record'),

  measuredAt: 'Measured at',
  receivedAt: 'Received at',
  clockOffset: 'Clock offset',

  loopLag: 'Loop lag',
  overloaded: 'Overloaded',
  clockStep: 'Clock step',
  controlTarget: 'Control target',

  yes: 'yes',
  no: 'no',
};

export const hints = {
  reuse: 'What the probe had from the one before it',
  kernelRtt: 'SYN to SYN-ACK as the kernel timed it, and the least of the whole connection',
  clockOffset:
    "The agent's clock less the collector's: positive where the agent's is ahead, negative where it " +
    'is behind. The error is half of the fastest way there and back.',
  loopLag: 'The longest that anything which was due, or had arrived, waited for the agent',
  clockStep: 'The wall clock was set meanwhile',
  controlTarget: 'The target by which the agent knows that it is well itself',
};

export const selfCheck = {
  title: 'About the agent',
  refused: 'The agent was overloaded: it refused this probe, since too many were running already.',
  overloaded: (lag: string) =>
    `The agent was overloaded (it was late by up to ${lag}): its own clock's numbers are not to be trusted: "other", with it TTFB and the total, and the phases marked ≈.`,
  clockStepped:
    "The agent's wall clock was set during the probe: no stamp of the kernel is believed, and its own clock stands in.",
  controlFails: (cause: string) =>
    `The agent's control target fails from here (${cause}): this city may be sick, not the target.`,
  ok: 'ok',
  failing: (cause: string) => `failing: ${cause}`,
  withTtfb: (outcome: string, ms: string) => `${outcome}, TTFB ${ms} ms`,
  control: (outcome: string, url: string, time: string) => `${outcome} (${url}, ${time})`,
};
