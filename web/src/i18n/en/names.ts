import type { Phase } from '../../api/types';

/** The collector's names for things are English: they are shown as they came. */
export const names = {
  city: (city: string) => city,
  cause: (cause: string) => cause,
  origin: (origin: string) => origin,
  rating: (rating: string) => rating,
  agentState: (state: string) => state,
  /** Where a probe failed. */
  place: (phase: Phase | null, origin: string) => (phase === null ? origin : `${phase}, ${origin}`),
};
