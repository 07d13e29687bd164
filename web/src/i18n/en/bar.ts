/** The bar of each city's row, and what its colours stand for. */
export const bar = {
  title: 'Phases',
  /** What the whole width of a bar stands for. */
  scale: (ms: string) => `0–${ms} ms`,
  piece: (name: string, ms: string) => `${name} ${ms}`,
  sum: (parts: string[], ttfb: string) => `${parts.join(' + ')} = TTFB ${ttfb} ms`,
  /** Without a first byte. */
  reached: (parts: string[]) =>
    parts.length === 0 ? 'no phase was reached' : `${parts.join(' + ')} ms, no first byte`,
  milliseconds: (piece: string) => `${piece} ms`,
  failedIn: (phase: string) => `failed in ${phase}`,
  underWay: (state: string, ms: string) => `${state}, after ${ms} ms`,
  noData: 'no data',
  noPhase: 'no phase reached',

  legend: 'What the bars show',
  about: (ms: string) =>
    `All bars have one scale, 0 to ${ms} ms; what is longer is cut off. DNS, connect, TLS, wait and other add up to TTFB.`,
  other: "Other: the agent's own time",
  afterTtfb: 'Transfer: after TTFB',
  failed: 'failed here',
  sample: 'one sample: its first byte',
};
