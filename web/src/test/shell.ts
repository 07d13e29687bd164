/** What a POSIX shell leaves alone. */
const PLAIN = /^[\w/:.,@%+-]+$/;

/** Not even within quotes: pasted into a terminal they would be keys that somebody pressed. */
const KEYS = /((?:(?![\n\t])\p{Cc})+)/u;

/** A word of a POSIX shell's command line that means just this text. NUL, which no word can have, is left out. */
export function quote(text: string): string {
  const word = text.replaceAll('\0', '');
  if (PLAIN.test(word)) return word;
  const parts = word
    .split(KEYS)
    .map((part, index) => (index % 2 === 1 ? `"$(printf '${octal(part)}')"` : quoted(part)));
  return parts.join('') || "''";
}

function quoted(text: string): string {
  return text === '' ? '' : `'${text.replaceAll("'", `'\\''`)}'`;
}

function octal(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return bytes.map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** A variable that a header's value is put into, whose name reminds of it. */
export function variableOf(header: string): string {
  return header
    .toUpperCase()
    .replace(/\W/g, '_')
    .replace(/^(?=\d)/, '_');
}
