import { formatMinute } from '../format';
import { messages } from '../i18n/language.svelte';
import { chatTextOfComparison, chatTextOfTest } from './chat';
import { fileName } from './file-name';
import { plain } from './plain';
import { save } from './save';
import { idsOf, timesOf, urlOf, type Subject } from './subject';

export function chatText(subject: Subject, address: string): string {
  return subject.kind === 'test'
    ? chatTextOfTest(subject.test, subject.comparison, address)
    : chatTextOfComparison(subject.comparison, address);
}

/** Saves a part of the page as a picture, and tells the name of the file. */
export async function savePicture(
  subject: Subject,
  part: 'table' | 'map',
  address: string,
): Promise<string> {
  const shown = document.querySelector<HTMLElement>(`[data-export="${part}"]`);
  if (shown === null) throw new Error(`the page shows no ${part}`);
  const { pictureOf } = await import('./picture');
  const picture = await pictureOf(shown, [
    plain(urlOf(subject)),
    timesOf(subject).map(formatMinute).join(' → '),
    plain(address),
    messages().share.vantage,
  ]);
  const name = fileName(idsOf(subject), part === 'map' ? '-map.png' : '.png');
  save(picture, name);
  return name;
}

/** Saves a test as a file that works offline, and tells its name. */
export async function saveReport(
  { test, comparison }: Extract<Subject, { kind: 'test' }>,
  address: string,
): Promise<string> {
  const { reportOf } = await import('./report');
  const name = fileName([test.id], '.html');
  save(new Blob([reportOf(test, comparison, address)], { type: 'text/html' }), name);
  return name;
}
