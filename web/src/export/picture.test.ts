import { expect, test } from 'vitest';
import { cutToFit } from './picture';

const shorterThan = (most: number) => (text: string) => text.length <= most;

test('a line that fits is whole', () => {
  expect(cutToFit('https://a/', shorterThan(10))).toBe('https://a/');
});

test('of a longer one the beginning is shown', () => {
  expect(cutToFit('https://www.example.net/', shorterThan(10))).toBe('https://w…');
});

test('where nothing fits only the mark is left', () => {
  expect(cutToFit('abc', () => false)).toBe('…');
});
