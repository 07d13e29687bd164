import { afterEach, expect, test } from 'vitest';
import type { Change, ComparedCity, Comparison } from '../api/types';
import { speak } from '../i18n/language.svelte';
import { finishedCity, goldenComparison } from '../testing/goldens';
import { describeComparison } from './verdict';

afterEach(() => speak('en'));

interface Sides {
  change?: Change;
  edges?: [before: string | null, after: string | null];
  status?: number | null;
  ttfb?: [before: number, after: number];
}

function compared(name: string, sides: Sides = {}): ComparedCity {
  const {
    change = 'unchanged',
    edges = ['ams1', 'ams1'],
    status = 200,
    ttfb = [30_000, 31_000],
  } = sides;
  const [before, after] = ttfb.map((us) => finishedCity(name, us));
  before!.result!.edge = edges[0];
  after!.result!.edge = edges[1];
  after!.result!.status = status;
  const moved = edges.includes(null) ? null : edges[0] !== edges[1];
  return {
    ...goldenComparison().cities[0]!,
    agent_id: name,
    change,
    moved,
    before: before!,
    after: after!,
  };
}

const of = (...cities: ComparedCity[]): string =>
  describeComparison({ ...goldenComparison(), cities } as Comparison);

const moved = (name: string): ComparedCity =>
  compared(name, { change: 'moved', edges: ['ny1', 'la1'], ttfb: [34_000, 231_000] });

test('who moved is told with both edges and both times', () => {
  expect(of(moved('New York'), compared('London'))).toBe(
    '1 of 2 cities moved: New York ny1 → la1, TTFB 34.0 → 231 ms; 2 of 2 answered 200',
  );
});

test('of several each has its times in brackets, apart from the list’s commas', () => {
  expect(of(moved('New York'), moved('São Paulo'))).toBe(
    '2 of 2 cities moved: New York ny1 → la1 (TTFB 34.0 → 231 ms), ' +
      'São Paulo ny1 → la1 (TTFB 34.0 → 231 ms); 2 of 2 answered 200',
  );
});

test('the same in Chinese', async () => {
  await speak('zh');
  expect(of(moved('New York'), compared('London'))).toBe(
    '2 个城市中有 1 个切换了边缘节点：纽约 ny1 → la1，TTFB 34.0 → 231 ms；2 个中有 2 个返回 200',
  );
});

test('where nobody moved it is said', () => {
  expect(of(compared('London'))).toBe('None of 1 city moved; 1 of 1 answered 200');
});

test('many that moved are told by where they went', () => {
  expect(of(...['A', 'B', 'C', 'D'].map(moved))).toContain(
    '4 of 4 cities moved: ny1 → la1 (A, B, C, D)',
  );
});

test('of edges that are not named nobody knows whether they moved', () => {
  expect(of(compared('London', { edges: [null, null] }))).toBe('1 of 1 answered 200');
});

test('failures, returns and missing data are told by name', () => {
  const silent = compared('Oslo', { change: 'no_data', edges: ['ams1', null] });
  silent.after!.state = 'offline';
  silent.after!.result!.rating = null;
  silent.after!.result!.status = null;
  expect(
    of(
      compared('Rome', { change: 'failed', status: 503 }),
      compared('Lima', { change: 'recovered' }),
      silent,
      compared('Bonn', { change: 'before_only' }),
    ),
  ).toContain(
    'failing now: Rome; answering again: Lima; no data: Oslo; in one of the tests only: Bonn; ' +
      '2 of 3 answered 200, 1 answered 503',
  );
});

test('a city that did not answer is not one without data', () => {
  expect(of(compared('Rome', { change: 'failed', status: null }), compared('Lima'))).toContain(
    '1 of 2 answered 200, 1 city did not answer',
  );
});
