import type { CityResult, TerminalState } from '../api/types';
import { formatExactMs, MISSING } from '../format';
import { messages } from '../i18n/language.svelte';
import { isHttpError, isRedirect } from './http-status';

/** How one city ended, in a word, and beside it the HTTP status where the word is not about it. */
export interface Outcome {
  word: string;
  tone: TerminalState;
  status: number | null;
  hint: string;
}

export function outcomeOf(state: TerminalState, status: number | null): Outcome {
  const { outcome, states } = messages();
  if (state === 'finished' && isHttpError(status)) {
    return { word: `HTTP ${status}`, tone: 'failed', status: null, hint: outcome.httpError };
  }
  if (state === 'finished' && isRedirect(status)) {
    return { word: outcome.redirect, tone: 'finished', status, hint: outcome.notFollowed };
  }
  const hint = status === null ? '' : outcome.status(status);
  return { word: states[state], tone: state, status, hint };
}

/** What an answer says that came when its city had ended without one. */
export function describeLate({ status, timings }: CityResult): string {
  const shown = status === null ? MISSING : String(status);
  return messages().detail.lateAnswer(shown, formatExactMs(timings.ttfb_us));
}
