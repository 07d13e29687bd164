import type { CityState } from '../api/types';

export type StepState = 'todo' | 'current' | 'done' | 'skipped';

export interface Step {
  name: string;
  state: StepState;
}

const STEPS = [
  { name: 'DNS', phase: 'dns' },
  { name: 'Connect', phase: 'connect' },
  { name: 'TLS', phase: 'tls' },
  { name: 'Wait', phase: 'wait' },
  { name: 'Transfer', phase: 'transfer' },
] as const;

/** How far a running city has come in asking for `url`. */
export function stepsOf(state: CityState, url: string): Step[] {
  const plain = url.toLowerCase().startsWith('http:');
  const current = STEPS.findIndex((step) => step.phase === state);
  return STEPS.map(({ name, phase }, index) => ({
    name,
    state: plain && phase === 'tls' ? 'skipped' : compare(index, current),
  }));
}

function compare(index: number, current: number): StepState {
  if (index < current) return 'done';
  return index === current ? 'current' : 'todo';
}
