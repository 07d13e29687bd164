import { expect, test } from 'vitest';
import { runsOf, visible } from './visible';

test('a text without anything hidden is one run', () => {
  expect(runsOf('max-age=60,\tprivate – é 中文 🚀')).toEqual([
    { text: 'max-age=60,\tprivate – é 中文 🚀', hidden: false },
  ]);
});

test('a mark of direction is told by its number', () => {
  expect(runsOf('a\u202eb')).toEqual([
    { text: 'a', hidden: false },
    { text: 'U+202E', hidden: true },
    { text: 'b', hidden: false },
  ]);
});

test.each([
  ['a control', 'a\u0000b', 'a⟨U+0000⟩b'],
  ['a zero-width space', 'a\u200bb', 'a⟨U+200B⟩b'],
  ['a no-break space', 'a\u00a0b', 'a⟨U+00A0⟩b'],
  ['an isolate', '\u2067x\u2069', '⟨U+2067⟩x⟨U+2069⟩'],
  ['a byte order mark', '\ufeffx', '⟨U+FEFF⟩x'],
  ['a tag character', '\u{e0041}', '⟨U+E0041⟩'],
  ['half a surrogate pair', 'a\ud800', 'a⟨U+D800⟩'],
])('%s is shown', (_, text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('bytes that were no UTF-8 stay as the collector shows them', () => {
  expect(visible('caf\ufffd')).toBe('caf\ufffd');
});
