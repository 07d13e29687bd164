import { count } from './count';

export const agents = {
  title: 'Cities',
  unreachable: (time: string) => `Collector unreachable since ${time}.`,
  unknown: 'Which cities are connected is not known; the page keeps asking.',
  connectedOf: (connected: number, cities: string) => `${connected} of ${cities} connected.`,
  start: 'Start a test: each of them measures the URL once, at the same time.',
  none: 'A test can start once one is.',
  spoolFailing: 'spool failing',
  lostMark: (lost: number) => `${lost} lost`,

  lastSeen: 'Last seen',
  connected: 'Connected',
  since: (time: string) => `since ${time}`,
  lastResult: 'Last result',
  spool: 'Spool',
  clock: 'Clock',
  clockSet: 'Clock set',
  lost: 'Lost',
  nothing: 'nothing',
  results: (results: number) => count(results, 'result'),
  gap: (number: number) => `Gap ${number}`,
  gapOf: (results: string, reason: string, time: string) => `${results}: ${reason} (${time})`,

  spooled: (results: string, size: string, time: string) => `${results}, ${size} (${time})`,
  spooledSince: (results: string, size: string, age: string, time: string) =>
    `${results}, ${size}, the oldest ${age} old (${time})`,
  notDurable: (error: string) => `not durable: ${error}`,
  putAside: (time: string) => `one that could not be read was put aside ${time}`,
  setBack: (span: string, time: string) => `${span} back of the collector\u2019s, ${time}`,
  setAhead: (span: string, time: string) => `${span} ahead of the collector\u2019s, ${time}`,
};

/** Why results are missing, by the API's words for it. */
export const gaps = {
  spool_full: 'the agent\u2019s spool was full',
  spool_too_old: 'they had become too old in the agent\u2019s spool',
  spool_write_failed: 'the agent\u2019s disk took nothing',
  spool_unreadable: 'the agent\u2019s spool could not be read',
  unreported: 'the agent did not say why',
};
