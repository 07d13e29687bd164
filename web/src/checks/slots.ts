import type { Slots } from '../api/types';
import { formatMinute } from '../format';
import { messages } from '../i18n/language.svelte';

/** What became of the probes that were due: "110 of 120 since 02:10 UTC; 2 late; 6 no data". */
export function describeSlots(slots: Slots, since: string): string {
  const { checks, format } = messages();
  const { expected, stored, late, skipped, no_data } = slots;
  return format.clauses([
    checks.stored(stored, expected, formatMinute(since)),
    ...(late > 0 ? [checks.late(late)] : []),
    ...(skipped > 0 ? [checks.skipped(skipped)] : []),
    ...(no_data > 0 ? [checks.noData(no_data)] : []),
  ]);
}
