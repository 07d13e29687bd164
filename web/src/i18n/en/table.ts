import { count } from './count';

/** Headers that are not the same in all cities of a test. */
export const differences = {
  title: (headers: number) => `${count(headers, 'header')} not the same in all cities`,
};
