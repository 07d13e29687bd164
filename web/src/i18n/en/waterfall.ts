import type { Phase } from '../../api/types';

export const waterfall = {
  title: 'Phases',
  phase: 'Phase',
  axis: 'On the time axis',
  took: 'Took',
  endedAt: 'Ended at',
  endedAtHint: 'The end of the phase, counted from the start of the probe',
  failedHere: '✕ failed here',
  byAgent: "By the agent's own clock, to which its own delays are added: the kernel had no stamp",
  other: 'Other',
  otherHint: "The agent's own time; it and the phases add up to the total",
  /** Of a piece of other: where it lies, and what the agent did meanwhile. */
  doing: (what: string) => `: ${what}`,
  total: 'Total',
  ttfb: 'TTFB',
  ttfbHint: 'From the start of the probe to the first response byte',
  ofWhichOther: 'of which other',
  ownTime: "the agent's own time",
  keyOther: "other: the agent's own time",
  keyTtfb: 'TTFB: the first byte',
  stripOther: (ms: string) => `other ${ms}`,
  stripTotal: (ms: string) => `total ${ms} ms`,
};

const begins: Record<Phase, string> = {
  dns: 'query',
  connect: 'SYN',
  tls: 'ClientHello',
  wait: 'request',
  transfer: 'body',
};

const ends: Record<Phase, string> = {
  dns: 'DNS answer',
  connect: 'SYN-ACK',
  tls: 'handshake',
  wait: 'first byte',
  transfer: 'last byte',
};

const preparations: Record<Phase, string> = {
  dns: 'starting the probe',
  connect: 'preparing the connection',
  tls: 'preparing TLS',
  wait: 'preparing the request',
  transfer: 'reading the response',
};

/** What the agent's own time consists of. */
export const other = {
  begins,
  ends,
  preparations,
  cryptography: 'own cryptography',
  withinDns: 'between two queries',
  withinTls: 'own cryptography between two turns of the handshake',
  before: (begin: string) => `before the ${begin}`,
  between: (end: string, begin: string) => `${end} → ${begin}`,
  within: (phase: string) => `within ${phase}`,
  beforeAnything: 'before anything was sent',
  afterLastByte: 'after the last byte',
  afterLastPhase: 'after the last phase',
};
