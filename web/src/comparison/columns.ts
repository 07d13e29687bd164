import { messages } from '../i18n/language.svelte';

/** Of which the difference has a column, in the order of time; `other` has no place in it. */
export const DELTAS = [
  { phase: 'dns', name: () => messages().phases.dns },
  { phase: 'connect', name: () => messages().phases.connect },
  { phase: 'tls', name: () => messages().phases.tls },
  { phase: 'wait', name: () => messages().phases.wait },
  { phase: 'other', name: () => messages().comparison.other },
] as const;
