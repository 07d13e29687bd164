import { expect, test } from 'vitest';
import { placeLabels } from './labels';

const SHEET = { width: 200, height: 100, size: 10, radius: 4 };

test('a label stands to the right of its point where there is room', () => {
  expect(placeLabels([{ x: 50, y: 50, text: 'Oslo' }], SHEET)).toEqual([
    { x: 57, y: 50, anchor: 'start' },
  ]);
});

test('at the right edge it stands to the left', () => {
  expect(placeLabels([{ x: 190, y: 50, text: 'Tokyo' }], SHEET)[0]?.anchor).toBe('end');
});

test('no label covers another one or a point; the later one gives way', () => {
  const [first, second] = placeLabels(
    [
      { x: 90, y: 50, text: 'Hong Kong' },
      { x: 100, y: 50, text: 'Shenzhen' },
    ],
    SHEET,
  );
  expect(first?.anchor).toBe('end');
  expect(second?.anchor).toBe('start');
});

test('where there is no room at all there is no label', () => {
  const crowd = Array.from({ length: 12 }, (_, index) => ({
    x: 100 + (index % 4) * 6,
    y: 50 + Math.floor(index / 4) * 6,
    text: 'a long name',
  }));
  expect(placeLabels(crowd, SHEET)).toContain(null);
});

test('East Asian letters are taken for as wide as they are', () => {
  // "圣保罗" is 30 wide and would end beyond the edge; "Rio" is not.
  expect(placeLabels([{ x: 168, y: 50, text: '圣保罗' }], SHEET)[0]?.anchor).toBe('end');
  expect(placeLabels([{ x: 168, y: 50, text: 'Rio' }], SHEET)[0]?.anchor).toBe('start');
});
