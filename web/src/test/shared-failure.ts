import type { Failure, Test } from '../api/types';
import { isRunning } from './reducer';

export interface SharedFailure extends Failure {
  count: number;
}

/**
 * The failure that most cities of a test share, which is then told once and not in each row. While
 * the test runs there is none: nobody knows yet what most of them will say.
 */
export function sharedFailure(test: Test): SharedFailure | null {
  if (isRunning(test)) return null;
  const failures = test.cities.flatMap(({ result }) => result?.failure ?? []);
  for (const failure of failures) {
    const count = failures.filter((other) => isSame(other, failure)).length;
    if (count > 1 && count > test.cities.length / 2) return { ...failure, count };
  }
  return null;
}

export function isSame(a: Failure, b: Failure): boolean {
  return a.message === b.message && a.phase === b.phase && a.origin === b.origin;
}
