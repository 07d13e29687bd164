import { CHECK_STATES, type Check, type CheckState } from '../api/types';

/** How many cities are in each state, those of no city left out, in the order of CHECK_STATES. */
export function tally({ cities }: Check): { state: CheckState; cities: number }[] {
  return CHECK_STATES.map((state) => ({
    state,
    cities: cities.filter((city) => city.state === state).length,
  })).filter((group) => group.cities > 0);
}
