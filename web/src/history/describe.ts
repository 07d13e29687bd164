import type { PastTest } from '../api/types';
import { formatMs, MISSING } from '../format';
import { messages } from '../i18n/language.svelte';
import { failedIn, withoutDataIn } from './trend';

/** How its cities ended: "12 of 14 answered; 1 failed; 1 no data". */
export function describeOutcome(test: PastTest): string {
  const { format, history } = messages();
  const failed = failedIn(test);
  const withoutData = withoutDataIn(test);
  return format.clauses([
    history.answered(test.succeeded, test.cities),
    ...(failed > 0 ? [history.failed(failed)] : []),
    ...(withoutData > 0 ? [history.noData(withoutData)] : []),
    ...(test.state === 'running' ? [history.running] : []),
  ]);
}

/** "25.9 – 692"; a dash where nobody answered. */
export function describeRange({ fastest_ttfb_us, slowest_ttfb_us }: PastTest): string {
  if (fastest_ttfb_us === null || slowest_ttfb_us === null) return MISSING;
  return `${formatMs(fastest_ttfb_us)} – ${formatMs(slowest_ttfb_us)}`;
}
