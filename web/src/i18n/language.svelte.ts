import { en, type Messages } from './en';

export type Language = 'en' | 'zh';

/** As HTML names it, and as its readers do. */
export const LANGUAGES: Record<Language, { tag: string; name: string }> = {
  en: { tag: 'en', name: 'English' },
  zh: { tag: 'zh-CN', name: '简体中文' },
};

interface Spoken {
  language: Language;
  messages: Messages;
}

let spoken = $state.raw<Spoken>({ language: 'en', messages: en });

export function language(): Language {
  return spoken.language;
}

/** What the page says, in the language of the moment. */
export function messages(): Messages {
  return spoken.messages;
}

/** Tells whether it could: where the messages do not load, the page goes on as it speaks. */
export async function speak(
  next: Language,
  load: (language: Language) => Promise<Messages> = messagesOf,
): Promise<boolean> {
  try {
    spoken = { language: next, messages: await load(next) };
    return true;
  } catch {
    return false;
  }
}

async function messagesOf(language: Language): Promise<Messages> {
  return language === 'en' ? en : (await import('./zh')).zh;
}
