import { LANGUAGES, speak, type Language } from './language.svelte';

/** Where the reader's choice is kept; a browser may refuse it by throwing at any use. */
type Memory = () => Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'language';
const browser: Memory = () => localStorage;

/** What the reader chose, else the first of the browser's languages that the page speaks. */
export function chosenLanguage(wanted: readonly string[], memory: Memory = browser): Language {
  return keptChoice(memory) ?? wanted.map(spokenFor).find((found) => found !== null) ?? 'en';
}

/** Speaks as the reader wants from now on. */
export async function choose(language: Language, memory: Memory = browser): Promise<void> {
  if (!(await speak(language))) return;
  try {
    memory().setItem(KEY, language);
  } catch {
    // It holds for as long as the page is open.
  }
}

function keptChoice(memory: Memory): Language | null {
  try {
    const kept = memory().getItem(KEY);
    return kept !== null && Object.hasOwn(LANGUAGES, kept) ? (kept as Language) : null;
  } catch {
    return null;
  }
}

/** Chinese is spoken in simplified characters only. */
function spokenFor(tag: string): Language | null {
  // Some browsers name more than a language, such as "en-US@posix", so Intl.Locale may throw.
  const [name, ...parts] = tag.toLowerCase().split(/[-_@]/);
  if (name === 'en') return 'en';
  if (name !== 'zh' || parts.includes('hant')) return null;
  const traditional = parts.some((part) => ['tw', 'hk', 'mo'].includes(part));
  return traditional && !parts.includes('hans') ? null : 'zh';
}
