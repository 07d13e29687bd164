import { expect, test } from 'vitest';
import { plain } from './plain';

test('a line stays one line', () => {
  expect(plain('a\r\nb\tc\u2028d')).toBe('a b c d');
});

test('marks that turn the direction are taken out', () => {
  expect(plain('\u202eevil\u202c \u2067x\u2069\u200f')).toBe('evil x');
});

test('letters of any script stay', () => {
  expect(plain('São Paulo 圣保罗 עברית')).toBe('São Paulo 圣保罗 עברית');
});
