/** A run of a text from outside: as it is, or one character that could not be seen, by its name. */
export interface Run {
  text: string;
  hidden: boolean;
}

/*
 * What shows nothing, or turns around what stands beside it: controls, marks of direction, zero-width and
 * other format characters, odd spaces, halves of a surrogate pair. Tabs and blanks are as they look.
 */
const HIDDEN =
  /((?![\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|(?! )\p{Zs}|\u034f|\u115f|\u1160|\u3164)/u;

/** So that a header cannot pretend to be another one, each hidden character is told apart. */
export function runsOf(text: string): Run[] {
  return text
    .split(HIDDEN)
    .map((part, index) => ({
      text: index % 2 === 1 ? nameOf(part) : part,
      hidden: index % 2 === 1,
    }))
    .filter((run) => run.text !== '');
}

/** The same in plain text. */
export function visible(text: string): string {
  return runsOf(text)
    .map((run) => (run.hidden ? `⟨${run.text}⟩` : run.text))
    .join('');
}

function nameOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}
