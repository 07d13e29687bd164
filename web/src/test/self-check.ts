import type { ControlCheck, SelfCheck } from '../api/types';
import { formatExactMs, formatMs, formatTime } from '../format';
import { messages } from '../i18n/language.svelte';

/** It did not even begin the probe: an agent that is overloaded by its lag has one. */
export function isRefusal({ overloaded, loop_lag_us }: SelfCheck): boolean {
  return overloaded === true && loop_lag_us === 0;
}

/** What makes a city's numbers doubtful, each in a sentence. */
export function warningsOf(selfCheck: SelfCheck | null): string[] {
  if (selfCheck === null) return [];
  const { names, selfCheck: words } = messages();
  const { clock_stepped, control } = selfCheck;
  return [
    describeOverload(selfCheck),
    clock_stepped ? words.clockStepped : '',
    control !== null && control.cause !== null
      ? words.controlFails(names.cause(control.cause))
      : '',
  ].filter((sentence) => sentence !== '');
}

function describeOverload(selfCheck: SelfCheck): string {
  if (!selfCheck.overloaded) return '';
  const words = messages().selfCheck;
  if (isRefusal(selfCheck)) return words.refused;
  return words.overloaded(formatExactMs(selfCheck.loop_lag_us));
}

/** "ok, TTFB 3.2 ms (https://…, 2026-11-23 03:09:58 UTC)". */
export function describeControl(control: ControlCheck): string {
  const { names, selfCheck: words } = messages();
  const { cause, measured_at, ttfb_us, url } = control;
  const outcome = cause === null ? words.ok : words.failing(names.cause(cause));
  const timed = ttfb_us === null ? outcome : words.withTtfb(outcome, formatMs(ttfb_us));
  return words.control(timed, url, formatTime(measured_at));
}
