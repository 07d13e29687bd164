import skeleton from './offline.html?raw';

export interface OfflineParts {
  /** As HTML names the language. */
  lang: string;
  title: string;
  style: string;
  /** Markup: whatever comes from outside is escaped in it. */
  body: string;
  data: unknown;
}

/** One file that needs nothing else: neither a network nor scripts. */
export function offlineDocument({ lang, title, style, body, data }: OfflineParts): string {
  const parts: Record<string, string> = {
    lang: escape(lang),
    title: escape(showDirections(title)),
    // In CSS "<" has a meaning in strings alone, where it may be written like this.
    style: style.replaceAll('<', '\\3c '),
    body: showDirections(body),
    data: escapeData(data),
  };
  // In one pass: what is put in is not looked at again.
  return skeleton.replace(/{{(\w+)}}/g, (whole, name: string) => parts[name] ?? whole);
}

/** JSON that can neither end the element it stands in nor turn the direction of what follows it. */
function escapeData(data: unknown): string {
  return JSON.stringify(data).replace(
    /[<>&\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (sign) => `\\u${hex(sign)}`,
  );
}

/** Marks that would turn the direction of the text are shown by their number instead. */
function showDirections(text: string): string {
  return text.replace(
    /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (sign) => `[U+${hex(sign).toUpperCase()}]`,
  );
}

function hex(sign: string): string {
  return sign.charCodeAt(0).toString(16).padStart(4, '0');
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
