import { expect, test } from 'vitest';
import { goldenFrames } from './goldens';
import { parseSse } from './sse';

test('the golden feed is a snapshot, steps of a city, and done', () => {
  expect(goldenFrames().map((frame) => frame.event)).toEqual(['snapshot', 'city', 'city', 'done']);
});

test('every frame of the golden feed has an id', () => {
  expect(goldenFrames().every((frame) => frame.id !== '')).toBe(true);
});

test('data of several lines is joined by line feeds', () => {
  expect(parseSse('event: city\ndata: a\ndata: b\n\n')[0]?.data).toBe('a\nb');
});
