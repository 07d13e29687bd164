import { PHASES, type CityState, type Phase } from '../api/types';

export type StepState = 'todo' | 'current' | 'done' | 'skipped';

export interface Step {
  phase: Phase;
  state: StepState;
}

/** How far a running city has come in asking for `url`. */
export function stepsOf(state: CityState, url: string): Step[] {
  const plain = url.toLowerCase().startsWith('http:');
  const current = PHASES.findIndex((phase) => phase === state);
  return PHASES.map((phase, index) => ({
    phase,
    state: plain && phase === 'tls' ? 'skipped' : compare(index, current),
  }));
}

function compare(index: number, current: number): StepState {
  if (index < current) return 'done';
  return index === current ? 'current' : 'todo';
}
