import { getContext, setContext } from 'svelte';
import type { Change, Comparison } from '../api/types';

const KEY = Symbol('changes');

type ChangeOf = (agentId: string) => Change | null;

/** For the rows of a table: what happened in each city since the test before. */
export function tellChanges(comparison: () => Comparison | null): void {
  setContext<ChangeOf>(KEY, (agentId) => changeIn(comparison(), agentId));
}

/** What the page around a component tells; outside of one nothing. */
export function toldChanges(): ChangeOf {
  return getContext<ChangeOf | undefined>(KEY) ?? (() => null);
}

/** Null where nothing changed, or nobody knows. */
export function changeIn(comparison: Comparison | null, agentId: string): Change | null {
  const city = comparison?.cities.find(({ agent_id }) => agent_id === agentId);
  return city === undefined || city.change === 'unchanged' ? null : city.change;
}
