import { CAUSES, type Cause } from '../api/types';
import type { CauseWords } from '../i18n/en/causes';
import { messages } from '../i18n/language.svelte';

/** Null for a cause that this page does not know. */
export function wordsOf(cause: string): CauseWords | null {
  return (CAUSES as readonly string[]).includes(cause) ? messages().causes[cause as Cause] : null;
}
