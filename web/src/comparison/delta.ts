import { MISSING, formatMs } from '../format';

/** A difference in milliseconds with its sign; one too small to be shown has none. */
export function formatDelta(us: number | null): string {
  if (us === null) return MISSING;
  const size = formatMs(Math.abs(us));
  if (us === 0 || size.startsWith('<')) return '0.0';
  return `${us < 0 ? '−' : '+'}${size}`;
}
