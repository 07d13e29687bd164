import { count } from './count';

export const detail = {
  measuring: (city: string, state: string) => `${city} is still measuring (${state}).`,
  lateBefore: (time: string) => `Its result came after the deadline, ${time}: `,
  lateAfter: '. It is kept and counts as no data.',
  lateAnswer: (status: string, ttfb: string) => `HTTP status ${status}, TTFB ${ttfb}`,
  copyLink: 'Copy link to this city',
};

export const redirect = {
  title: 'Redirect',
  notFollowed: 'This redirect was not followed: it is itself what was timed.',
  testNext: 'Test this next',
};

export const headers = {
  title: 'Response headers',
  none: 'No response headers were received.',
  edge: 'edge',
  hidden: 'A character that could not be seen, by its number',
  longer: (characters: number) => `${characters} characters: show all`,
  truncated: 'There were more headers than the agent keeps.',
};

export const hops = {
  title: 'Hops',
  about:
    "Each redirect is an exchange of its own, on one time axis; the city's numbers are the last " +
    "one's.",
  ofSample: (sample: number) => `Sample ${sample}`,
  noAnswer: 'no answer',
  newHost: 'new host',
  newHostHint: 'Another host than the hop before',
};

export const samples = {
  title: 'Samples',
  family: 'Family',
  reuse: 'Reuse',
  inRow: 'in the row',
  inRowHint: "Its numbers stand in the city's row",
  redirects: 'After so many redirects',
  ofKind: (kind: string, summary: string) => `${kind}: ${summary}`,
  /** In a city's row. */
  range: (median: string, least: string, most: string) => `${median} (${least}–${most})`,
  withKind: (kind: string, ttfb: string) => `${kind} ${ttfb}`,
  count: (timed: number, total: number) =>
    timed === total ? count(total, 'sample') : `${timed} of ${count(total, 'sample')}`,
  inRowMeaning: 'Median TTFB in milliseconds, from the least to the most',
  noTtfb: 'no TTFB',
  ttfb: (ms: string) => `TTFB *${ms} ms*`,
  median: (median: string, least: string, most: string) =>
    `median TTFB *${median} ms*, from ${least} to ${most} ms`,
  firstBytes: (summary: string, timed: number, total: number) =>
    `${summary} (${timed} of ${total} got a first byte)`,
};

export const failure = {
  title: 'Failure',
  next: 'Look at next:',
  phase: 'Phase',
  reached: 'Completed',
  nothing: 'no phase',
  outsidePhases: 'outside any',
  origin: 'Origin',
  cause: 'Cause',
  tlsAlert: 'TLS alert',
};
