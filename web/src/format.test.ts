import { expect, test } from 'vitest';
import {
  formatBytes,
  formatClock,
  formatEndpoint,
  formatExactMs,
  formatMinute,
  formatMs,
  formatSpan,
  formatTime,
} from './format';

test('below 100 ms there is one decimal', () => {
  expect(formatMs(33980)).toBe('34.0');
});

test('from 100 ms on there is none', () => {
  expect(formatMs(231200)).toBe('231');
});

test('what rounds up to 100 ms has no decimal either', () => {
  expect(formatMs(99960)).toBe('100');
});

test('what is missing is a dash, never a zero', () => {
  expect(formatMs(null)).toBe('–');
});

test('what happened is never shown as nothing', () => {
  expect(formatMs(40)).toBe('<0.1');
});

test('a measured zero is a zero', () => {
  expect(formatMs(0)).toBe('0.0');
});

test('the exact form keeps every microsecond', () => {
  expect(formatExactMs(8230)).toBe('8.230 ms');
});

test('from a second on the exact form has whole milliseconds', () => {
  expect([999999, 1000000, 10000729].map(formatExactMs)).toEqual([
    '999.999 ms',
    '1000 ms',
    '10001 ms',
  ]);
});

test('a time to the minute reads as one says it', () => {
  expect(formatMinute('2026-11-03T06:06:59.999999Z')).toBe('3 Nov 2026 06:06 UTC');
});

test('what is not a time is shown as it came', () => {
  expect(formatMinute('soon')).toBe('soon');
});

test('a negative time has a minus sign', () => {
  expect(formatExactMs(-180)).toBe('−0.180 ms');
});

test('a clock offset without a known error stands alone', () => {
  expect(formatClock(250, null)).toBe('0.250 ms (agent ahead)');
});

test('an unknown clock offset is a dash', () => {
  expect(formatClock(null, 240)).toBe('–');
});

test('a time keeps the precision it came with', () => {
  expect(formatTime('2026-11-23T03:10:00.123456Z')).toBe('2026-11-23 03:10:00.123456 UTC');
});

test('an IPv4 endpoint is address and port', () => {
  expect(formatEndpoint('192.0.2.1', 443)).toBe('192.0.2.1:443');
});

test('an IPv6 address stands in brackets before its port', () => {
  expect(formatEndpoint('2001:db8::1', 443)).toBe('[2001:db8::1]:443');
});

test('an address without a port stands alone', () => {
  expect(formatEndpoint('2001:db8::1', null)).toBe('2001:db8::1');
});

test('bytes are told in the unit that suits them', () => {
  expect([1, 512, 1536, 65536, 3 * 1024 ** 2].map(formatBytes)).toEqual([
    '1 byte',
    '512 bytes',
    '1.5 KiB',
    '64 KiB',
    '3 MiB',
  ]);
});

test.each([
  [0, '0 s'],
  [250_000, '250 ms'],
  [1_500_000, '1.5 s'],
  [30_400_000, '30 s'],
  [300_000_000, '5 min'],
  [93_600_000_000, '26 h'],
])('%i µs last as one says it', (us, said) => {
  expect(formatSpan(us)).toBe(said);
});
