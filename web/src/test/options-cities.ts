import type { AgentStatus } from '../api/types';
import { hasAll } from './options';
import { sortAgents } from './sort';

export interface Region {
  /** As the collector calls it; null of agents that are chosen and not known here. */
  name: string | null;
  cities: { id: string; status: AgentStatus | null }[];
}

/** Whom one can choose, by region, the region of the first city first. */
export function regionsOf(known: AgentStatus[], chosen: string[] | null): Region[] {
  const regions = new Map<string, Region>();
  for (const status of sortAgents(known)) {
    const { id, region: name } = status.agent;
    const region = regions.get(name) ?? { name, cities: [] };
    region.cities.push({ id, status });
    regions.set(name, region);
  }
  const ids = new Set(known.map(({ agent }) => agent.id));
  const others = (chosen ?? []).filter((id) => !ids.has(id));
  const elsewhere = { name: null, cities: others.map((id) => ({ id, status: null })) };
  return [...regions.values(), ...(others.length > 0 ? [elsewhere] : [])];
}

export function isChosen(chosen: string[] | null, id: string): boolean {
  return chosen === null || chosen.includes(id);
}

/** With these agents, or without them. All there are is null: whoever comes later is one of them. */
export function choose(
  chosen: string[] | null,
  ids: string[],
  on: boolean,
  known: AgentStatus[],
): string[] | null {
  const before = chosen ?? known.map(({ agent }) => agent.id);
  const others = before.filter((id) => !ids.includes(id));
  const after = on ? [...others, ...ids] : others;
  return hasAll(after, known) ? null : after;
}
