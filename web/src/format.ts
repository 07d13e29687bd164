import { messages } from './i18n/language.svelte';

/** Stands for what was not measured: never a zero. */
export const MISSING = '–';

/** Microseconds as milliseconds for the table; the unit stands in the column's header. */
export function formatMs(us: number | null): string {
  if (us === null) return MISSING;
  const tenths = Math.round(us / 100);
  // A phase of 40 µs did happen; "0.0" would read as if it had not.
  if (tenths === 0 && us > 0) return '<0.1';
  return tenths < 1000 ? (tenths / 10).toFixed(1) : Math.round(us / 1000).toString();
}

/** Every microsecond that was measured, for the detail; of a second and more they mean nothing. */
export function formatExactMs(us: number | null): string {
  if (us === null) return MISSING;
  const sign = us < 0 ? '−' : '';
  const ms = Math.abs(us) / 1000;
  return `${sign}${ms.toFixed(ms < 1000 ? 3 : 0)} ms`;
}

export function formatClock(offsetUs: number | null, errorUs: number | null): string {
  if (offsetUs === null) return MISSING;
  const offset = formatExactMs(offsetUs);
  const error = errorUs === null ? '' : ` ± ${formatExactMs(errorUs)}`;
  const clock = offset + error;
  if (offsetUs === 0) return clock;
  const { agentAhead, agentBehind } = messages().format;
  return offsetUs < 0 ? agentBehind(clock) : agentAhead(clock);
}

/** An RFC 3339 time as it was sent, without its separators. */
export function formatTime(time: string | null): string {
  return time === null ? MISSING : time.replace('T', ' ').replace(/Z$/, ' UTC');
}

/** A time to the minute, as one says it: "23 Nov 2026 06:06 UTC". */
export function formatMinute(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const clock = date.toISOString().slice(11, 16);
  return messages().format.minute(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    clock,
  );
}

/** A time to the second, for lists in which several belong to a minute. */
export function formatSecond(time: string): string {
  return formatTime(time).replace(/\.\d+ UTC$/, ' UTC');
}

export function formatEndpoint(ip: string | null, port: number | null): string {
  if (ip === null) return MISSING;
  if (port === null) return ip;
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** Microseconds as one says them of what lasts: "250 ms", "1.5 s", "30 s", "5 min", "26 h". */
export function formatSpan(us: number): string {
  const { format } = messages();
  if (us > 0 && us < 1e6) return format.milliseconds(Math.round(us / 1000));
  if (us < 10e6) return format.seconds(Number((us / 1e6).toFixed(1)));
  const seconds = Math.round(us / 1e6);
  if (seconds < 120) return format.seconds(seconds);
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? format.minutes(minutes) : format.hours(Math.round(minutes / 60));
}

/** Bytes as one says them: "64 KiB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return messages().format.bytes(bytes);
  const [size, unit] = bytes < 1024 ** 2 ? [bytes / 1024, 'KiB'] : [bytes / 1024 ** 2, 'MiB'];
  return `${Number(size.toFixed(1))} ${unit}`;
}
