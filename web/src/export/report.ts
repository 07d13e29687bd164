import { flushSync, mount, unmount } from 'svelte';
import type { Comparison, Test } from '../api/types';
import Report from '../components/report/Report.svelte';
import { language, LANGUAGES, messages } from '../i18n/language.svelte';
import { offlineDocument } from './offline';

/** What does something by a script, or would ask for a file. */
const LIVE = 'button, input, select, textarea, img, link, script, iframe';

/** A test as one file that works offline, looking as the page does. */
export function reportOf(test: Test, comparison: Comparison | null, address: string): string {
  // Never in the document itself: nobody sees it, and its ids are not there twice.
  const target = document.createElement('div');
  const report = mount(Report, { target, props: { test, comparison, address } });
  flushSync();
  target.querySelectorAll(LIVE).forEach((element) => element.remove());
  const body = target.innerHTML;
  void unmount(report);
  return offlineDocument({
    lang: LANGUAGES[language()].tag,
    title: messages().report.title(test.url),
    style: stylesOf(document),
    body,
    data: test,
  });
}

function stylesOf({ styleSheets }: Document): string {
  return [...styleSheets].flatMap(rulesOf).join('\n');
}

function rulesOf(sheet: CSSStyleSheet): string[] {
  try {
    return [...sheet.cssRules].map(({ cssText }) => cssText);
  } catch {
    // A browser extension's, which is none of the page's business.
    return [];
  }
}
