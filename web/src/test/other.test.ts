import { expect, test } from 'vitest';
import { timings, without } from '../testing/measurements';
import { otherPartsOf, otherUntilFirstByte } from './other';

const placesOf = (...args: Parameters<typeof otherPartsOf>) =>
  otherPartsOf(...args).map(({ where, what, us }) => [where, what, us]);

test('other is told piece by piece, in the order of time', () => {
  expect(placesOf(timings())).toEqual([
    ['before the query', 'starting the probe', 120],
    ['DNS answer → SYN', 'preparing the connection', 70],
    ['SYN-ACK → ClientHello', 'preparing TLS', 400],
    ['within TLS', 'own cryptography between two turns of the handshake', 300],
    ['handshake → request', 'own cryptography', 200],
    ['after the last byte', '', 5],
  ]);
});

test('the pieces add up to other', () => {
  const sum = otherPartsOf(timings()).reduce((total, part) => total + part.us, 0);
  expect(sum).toBe(timings().other_us);
});

test('own time within a phase is told of each phase by itself', () => {
  const own = timings({ dns_own_us: 40, connect_own_us: 5, tls_own_us: 0, wait_own_us: 7 });
  const within = placesOf(own).filter(([where]) => String(where).startsWith('within'));
  expect(within).toEqual([
    ['within DNS', 'between two queries', 40],
    ['within Connect', '', 5],
    ['within Wait', '', 7],
  ]);
});

test('over plain HTTP the request follows the SYN-ACK', () => {
  const plain = timings({ ...without('tls'), other_before_wait_us: 50 });
  expect(placesOf(plain)).toContainEqual(['SYN-ACK → request', 'preparing the request', 50]);
});

test('a warm probe begins with its request', () => {
  const warm = timings({ ...without('dns'), ...without('connect'), ...without('tls') });
  expect(placesOf(warm)[0]).toEqual(['before the request', 'preparing the request', 200]);
});

test('a probe that never ended has no last byte', () => {
  expect(placesOf(timings(without('transfer'))).at(-1)).toEqual(['after the last phase', '', 5]);
});

test('of an older result only what lies within the phases is known', () => {
  const old = timings({
    other_before_dns_us: null,
    other_before_connect_us: null,
    other_before_tls_us: null,
    other_before_wait_us: null,
    other_before_transfer_us: null,
    other_within_us: null,
    other_after_us: null,
  });
  expect(placesOf(old).map(([where]) => where)).toEqual(['within TLS']);
});

test('a piece lies on the axis where it was', () => {
  const part = otherPartsOf(timings()).find(({ us }) => us === 400);
  expect(part?.segment?.begin).toBeCloseTo(16500 / 34110);
  expect(part?.segment?.width).toBeCloseTo(400 / 34110);
});

test('TTFB contains what the agent itself took until then', () => {
  expect(otherUntilFirstByte(timings())).toBe(1090);
});

test('without a first byte there is nothing to contain', () => {
  expect(otherUntilFirstByte(timings({ ttfb_us: null }))).toBeNull();
});
