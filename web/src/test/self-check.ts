import type { ControlCheck, SelfCheck } from '../api/types';
import { formatExactMs, formatMs, formatTime } from '../format';

/** It did not even begin the probe: an agent that is overloaded by its lag has one. */
export function isRefusal({ overloaded, loop_lag_us }: SelfCheck): boolean {
  return overloaded === true && loop_lag_us === 0;
}

/** What makes a city's numbers doubtful, each in a sentence. */
export function warningsOf(selfCheck: SelfCheck | null): string[] {
  if (selfCheck === null) return [];
  const { clock_stepped, control } = selfCheck;
  return [
    describeOverload(selfCheck),
    clock_stepped
      ? "The agent's wall clock was set during the probe: no stamp of the kernel is believed, and its own clock stands in."
      : '',
    control !== null && control.cause !== null
      ? `The agent's control target fails from here (${control.cause}): this city may be sick, not the target.`
      : '',
  ].filter((sentence) => sentence !== '');
}

function describeOverload(selfCheck: SelfCheck): string {
  if (!selfCheck.overloaded) return '';
  if (isRefusal(selfCheck)) {
    return 'The agent was overloaded: it refused this probe, since too many were running already.';
  }
  const lag = formatExactMs(selfCheck.loop_lag_us);
  return `The agent was overloaded (it was late by up to ${lag}): its own clock's numbers are not to be trusted: "other", with it TTFB and the total, and the phases marked ≈.`;
}

/** "ok, TTFB 3.2 ms (https://…, 2026-11-23 03:09:58 UTC)". */
export function describeControl(control: ControlCheck): string {
  const ttfb = control.ttfb_us === null ? '' : `, TTFB ${formatMs(control.ttfb_us)} ms`;
  const outcome = control.cause === null ? 'ok' : `failing: ${control.cause}`;
  return `${outcome}${ttfb} (${control.url}, ${formatTime(control.measured_at)})`;
}
