import { expect, test } from 'vitest';
import type { Comparison, Test } from '../api/types';
import type { Feed } from '../test/session.svelte';
import { goldenComparison, goldenTest } from '../testing/goldens';
import { markupOf, textOf } from '../testing/render';
import StatusBar from './StatusBar.svelte';

const done: Test = { ...goldenTest(), state: 'done' };

const bar = (props: {
  test?: Test;
  running?: boolean;
  feed?: Feed;
  restarted?: boolean;
  error?: string;
  comparison?: Comparison;
}) =>
  textOf(
    markupOf(StatusBar, {
      test: goldenTest(),
      running: false,
      loading: false,
      feed: 'none',
      error: null,
      ...props,
    }),
  );

test('a running test shows how many cities are done', () => {
  expect(bar({ running: true })).toBe('3 of 4 cities');
});

test('a test that is done shows its summary', () => {
  expect(bar({ test: done })).toContain('1 of 4 cities answered');
});

test('a test that still runs has no summary yet, even if its feed is lost', () => {
  expect(bar({ feed: 'ended' })).not.toContain('answered');
});

test('a broken feed is told', () => {
  expect(bar({ running: true, feed: 'reconnecting' })).toContain('connection lost, reconnecting…');
});

test('a feed that ended early is told', () => {
  expect(bar({ feed: 'ended' })).toContain(
    'Live updates were lost; the last found 3 of 4 cities done.',
  );
});

test('a restart is told once the feed is back, and while it is away that it is away', () => {
  const told = 'The collector was restarted during this test';
  expect(bar({ running: true, feed: 'live', restarted: true })).toContain(told);
  expect(bar({ test: done, restarted: true })).toContain(told);
  expect(bar({ running: true, feed: 'reconnecting', restarted: true })).not.toContain(told);
  expect(bar({ running: true, feed: 'live' })).not.toContain(told);
});

test('what went wrong with the test is told', () => {
  expect(bar({ error: 'there is no test x' })).toContain('there is no test x');
});

test('a comparison with a test that asked in another way says so', () => {
  const other = 'The two tests did not ask for the same thing in the same way';
  const comparison = goldenComparison();
  expect(bar({ comparison })).not.toContain(other);
  expect(bar({ comparison: { ...comparison, same_target: false } })).toContain(other);
});
