import { expect, test } from 'vitest';
import { spread, type Point } from './spread';

const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y);

test('points far enough from each other stay where they are', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ];
  expect(spread(points, 10)).toEqual(points);
});

test('two that cover each other part by half of what is missing each', () => {
  const parted = spread(
    [
      { x: 0, y: 0 },
      { x: 4, y: 0 },
    ],
    10,
  );
  expect(parted).toEqual([
    { x: -3, y: 0 },
    { x: 7, y: 0 },
  ]);
});

test('several at one place end beside each other', () => {
  const parted = spread(Array(5).fill({ x: 1, y: 1 }), 6);
  const pairs = parted.flatMap((one, index) =>
    parted.slice(index + 1).map((other) => distance(one, other)),
  );
  expect(Math.min(...pairs)).toBeGreaterThan(5.5);
});
