import { expect, test } from 'vitest';
import { linesOf } from './picture';

const upTo = (most: number) => (text: string) => text.length <= most;

test('a text that fits is one line', () => {
  expect(linesOf('https://a/', upTo(10), 3)).toEqual(['https://a/']);
});

test('a longer one is broken at blanks', () => {
  expect(linesOf('measured from data centres', upTo(13), 3)).toEqual([
    'measured from',
    'data centres',
  ]);
});

test('an address is broken where it has to be, and nothing of it is lost', () => {
  const address = 'https://firstbyte.example/tests/0k3v9x2m7qf5f';
  expect(linesOf(address, upTo(20), 3).join('')).toBe(address);
});

test('of what is too long for all lines the rest is cut off', () => {
  expect(linesOf('a'.repeat(50), upTo(10), 3)).toEqual([
    'a'.repeat(10),
    'a'.repeat(10),
    `${'a'.repeat(9)}…`,
  ]);
});

test('where nothing fits there is an end all the same', () => {
  expect(linesOf('abcdef', () => false, 3)).toEqual(['a', 'b', '…']);
});
