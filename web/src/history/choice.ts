import type { PastTest } from '../api/types';

/** The tests that are to be compared: at most two, of which the one chosen first gives way to a third. */
export function toggled(chosen: readonly string[], id: string): string[] {
  if (chosen.includes(id)) return chosen.filter((one) => one !== id);
  return [...chosen, id].slice(-2);
}

/** The two that are chosen, the earlier one first; null while there are not two. */
export function pairOf(
  chosen: readonly string[],
  tests: readonly PastTest[],
): { before: string; after: string } | null {
  const [after, before] = tests.filter(({ id }) => chosen.includes(id));
  return before && after ? { before: before.id, after: after.id } : null;
}
