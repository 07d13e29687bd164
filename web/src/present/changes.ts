import { getContext, setContext } from 'svelte';
import type { Change, Comparison } from '../api/types';

const KEY = Symbol('changes');

/** For the rows of a table: what changed since the test before, where that is known. */
export function tellChanges(comparison: () => Comparison | null): void {
  setContext(KEY, (agentId: string): Change | null => {
    const city = comparison()?.cities.find(({ agent_id }) => agent_id === agentId);
    return city === undefined || city.change === 'unchanged' ? null : city.change;
  });
}

/** Null where nothing changed, or nobody knows. */
export function changeOf(): (agentId: string) => Change | null {
  return getContext<ReturnType<typeof changeOf> | undefined>(KEY) ?? (() => null);
}
