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
  { name: 'First byte', phase: 'wait' },
] as const;

/** How far a running city has come on its way to the first byte of `url`. */
export function stepsOf(state: CityState, url: string): Step[] {
  const plain = url.toLowerCase().startsWith('http:');
  // The transfer comes after the first byte: by then every step is done.
  const current =
    state === 'transfer' ? STEPS.length : STEPS.findIndex((step) => step.phase === state);
  return STEPS.map(({ name, phase }, index) => ({
    name,
    state: plain && phase === 'tls' ? 'skipped' : compare(index, current),
  }));
}

function compare(index: number, current: number): StepState {
  if (index < current) return 'done';
  return index === current ? 'current' : 'todo';
}
