import {
  TERMINAL_STATES,
  type CityState,
  type TerminalState,
  type City,
  type Test,
  type TestEvent,
} from '../api/types';

/** The test after one event of its feed. */
export function apply(test: Test, event: TestEvent): Test {
  switch (event.type) {
    case 'snapshot':
      return event.test;
    case 'city': {
      const { update } = event;
      const step = (city: City) =>
        city.agent_id === update.agent_id && !isStale(city, update.state)
          ? { ...city, ...update }
          : city;
      return { ...test, cities: test.cities.map(step) };
    }
    case 'done':
      return { ...test, state: 'done' };
  }
}

export function isTerminal(state: CityState): state is TerminalState {
  return (TERMINAL_STATES as readonly CityState[]).includes(state);
}

export function isRunning(test: Test): boolean {
  return test.state === 'running';
}

export function answeredCount(test: Test): number {
  return test.cities.filter((city) => isTerminal(city.state)).length;
}

/** A resumed feed may repeat a step from before the result; it must not take the result away. */
function isStale(city: City, next: CityState): boolean {
  return isTerminal(city.state) && !isTerminal(next);
}
