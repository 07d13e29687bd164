import { expect, test } from 'vitest';
import { goldenCity, goldenTest, runningCity, testOf } from '../testing/goldens';
import { cityOf, exchange, failureOf, timings, without } from '../testing/measurements';
import { describeBar, describeUnderWay, endOf, piecesOf, scaleOf, type BarPiece } from './bar';

const sum = (pieces: BarPiece[]) => pieces.reduce((total, { us }) => total + us, 0);
const reached = timings({
  ...without('tls'),
  ...without('wait'),
  ...without('transfer'),
  ttfb_us: null,
});

test('the pieces up to the first byte add up to TTFB', () => {
  const pieces = piecesOf(timings());
  expect(sum(pieces.filter(({ part }) => part !== 'transfer'))).toBe(33980);
});

test('each phase is as long as its number, and the rest is other', () => {
  const pieces = piecesOf(timings());
  const long = (part: BarPiece['part']) => sum(pieces.filter((piece) => piece.part === part));
  expect([long('dns'), long('connect'), long('tls'), long('wait'), long('other')]).toEqual([
    8230, 8080, 7900, 8680, 1090,
  ]);
});

test('pieces follow each other without a hole', () => {
  const pieces = piecesOf(timings());
  pieces.slice(1).forEach(({ beginUs }, index) => {
    const before = pieces[index]!;
    expect(beginUs).toBe(before.beginUs + before.us);
  });
});

test('a failed city’s bar ends where it failed, and says in which phase', () => {
  const pieces = piecesOf(reached, failureOf({ phase: 'connect' }));
  expect(pieces.at(-1)).toMatchObject({ part: 'connect', failed: true });
  expect(endOf(pieces)).toBe(16500);
});

test('of a city of which nothing is known there is nothing to draw', () => {
  expect(piecesOf(goldenCity('sao-paulo').result!.timings)).toEqual([]);
});

test('the scale is the longest TTFB, rounded up', () => {
  const slow = cityOf({ timings: timings({ ttfb_us: 231_000 }) });
  expect(scaleOf(testOf([cityOf(), slow]))).toBe(250_000);
});

test('the scale has room for each sample', () => {
  const slow = exchange('https://a/', { timings: timings({ ttfb_us: 96_000 }) });
  expect(scaleOf(testOf([cityOf({ samples: [slow] })]))).toBe(100_000);
});

test('a timeout does not squeeze the cities that answered', () => {
  const failed = cityOf({ timings: { ...reached, connect_since_start_us: 10_000_000 } });
  expect(scaleOf(testOf([cityOf(), failed]))).toBe(35_000);
  expect(scaleOf(testOf([failed]))).toBe(10_000_000);
});

test('a city that is still measuring has room on the scale', () => {
  const running = { ...runningCity('Oslo', 'tls'), elapsed_us: 55_000 };
  expect(scaleOf(testOf([cityOf(), running]))).toBe(60_000);
});

test('of several exchanges the time since the first does not count', () => {
  const running = { ...runningCity('Oslo', 'tls'), elapsed_us: 900_000 };
  const several = { ...goldenTest().target!, samples: 5 };
  expect(scaleOf({ ...testOf([cityOf(), running]), target: several })).toBe(35_000);
});

test('without any time there is still a scale', () => {
  expect(scaleOf(testOf([{ ...runningCity('Oslo', 'dispatched'), elapsed_us: 0 }]))).toBe(1000);
});

test('the bar in words is a sum', () => {
  expect(describeBar(timings(), null)).toBe(
    'DNS 8.2 + Connect 8.1 + TLS 7.9 + Wait 8.7 + Other 1.1 = TTFB 34.0 ms; Transfer 0.1 ms',
  );
});

test('the bar of a failed city says how far it got', () => {
  expect(describeBar(reached, failureOf({ phase: 'connect' }))).toBe(
    'DNS 8.2 + Connect 8.1 ms, no first byte; failed in Connect',
  );
});

test('the bar of a city under way says where it is', () => {
  expect(describeUnderWay('tls', 8200)).toBe('TLS, after 8.2 ms');
});
