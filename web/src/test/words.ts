import type { CityResult, CityState, TerminalState } from '../api/types';
import { formatExactMs, MISSING } from '../format';
import { isHttpError, isRedirect } from './http-status';

/** What the page calls each state of a city. */
export const STATE_WORDS: Record<CityState, string> = {
  dispatched: 'Dispatched',
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'Waiting',
  transfer: 'Transfer',
  finished: 'Finished',
  failed: 'Failed',
  offline: 'Offline',
  timed_out: 'Timed out',
};

/** How one city ended, in a word, and beside it the HTTP status where the word is not about it. */
export interface Outcome {
  word: string;
  tone: TerminalState;
  status: number | null;
  hint: string;
}

export function outcomeOf(state: TerminalState, status: number | null): Outcome {
  if (state === 'finished' && isHttpError(status)) {
    const hint = 'An HTTP error status: rated as failed, however fast it came';
    return { word: `HTTP ${status}`, tone: 'failed', status: null, hint };
  }
  if (state === 'finished' && isRedirect(status)) {
    const hint = 'This redirect was not followed: it is itself what was timed';
    return { word: 'Redirect', tone: 'finished', status, hint };
  }
  const hint = status === null ? '' : `HTTP status ${status}`;
  return { word: STATE_WORDS[state], tone: state, status, hint };
}

/** What a result says that came when its city had ended without one. */
export function describeLate({ failure, status, timings }: CityResult): string {
  if (failure) return failure.message;
  return `HTTP status ${status ?? MISSING}, TTFB ${formatExactMs(timings.ttfb_us)}`;
}
