import { count } from './count';

/** Headers that are not the same in all cities of a test. */
export const differences = {
  title: (headers: number) => `${count(headers, 'header')} not the same in all cities`,
};

/** A city's test as a command, and the comments in it. */
export const curl = {
  title: 'Repeat it with curl',
  about:
    'The same request to the same address, for a POSIX shell. The times are seconds since the start.',
  copy: 'Copy as curl',
  secrets: (variables: string) =>
    `The collector does not keep secrets: put them into ${variables} first.`,
  coldOnly: 'This sample had something from the one before it; the command makes a new connection.',
  resolver: 'Asking another resolver needs a curl that was built with c-ares.',
  withoutNul: 'The body has NUL characters, which no command line can pass: they are left out.',
};

/** A city's result as it came. */
export const json = {
  title: 'Result as JSON',
  copy: 'Copy JSON',
};

export const copyText = {
  copied: 'Copied',
  /** Of the field to copy from by hand. */
  byHand: 'To be copied by hand',
};
