import type { ControlCheck, SelfCheck } from '../api/types';
import { formatExactMs, formatMs, formatTime } from '../format';

/** What makes a city's numbers doubtful, each in a sentence. */
export function warningsOf(selfCheck: SelfCheck | null): string[] {
  if (selfCheck === null) return [];
  const { overloaded, clock_stepped, control } = selfCheck;
  const lag = formatExactMs(selfCheck.loop_lag_us);
  return [
    overloaded
      ? `The agent was overloaded (it was late by up to ${lag}): its own clock's numbers are not to be trusted: "other", with it TTFB and the total, and the phases marked ≈.`
      : '',
    clock_stepped
      ? "The agent's wall clock was set during the probe: where the kernel's stamps are in doubt, its own clock stands in."
      : '',
    control !== null && control.cause !== null
      ? `The agent's control target fails from here (${control.cause}): this city may be sick, not the target.`
      : '',
  ].filter((sentence) => sentence !== '');
}

/** "ok, TTFB 3.2 ms (https://…, 2026-11-23 03:09:58 UTC)". */
export function describeControl(control: ControlCheck): string {
  const ttfb = control.ttfb_us === null ? '' : `, TTFB ${formatMs(control.ttfb_us)} ms`;
  const outcome = control.cause === null ? 'ok' : `failing: ${control.cause}`;
  return `${outcome}${ttfb} (${control.url}, ${formatTime(control.measured_at)})`;
}
