import { expect, test } from 'vitest';
import { formatDelta } from './delta';

test('a difference has its sign', () => {
  expect([197_000, -3_400].map(formatDelta)).toEqual(['+197', '−3.4']);
});

test('a difference too small to be shown has none', () => {
  expect([0, 40, -40].map(formatDelta)).toEqual(['0.0', '0.0', '0.0']);
});

test('what one side lacks is no difference', () => {
  expect(formatDelta(null)).toBe('–');
});
