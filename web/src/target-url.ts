import { failure, success, type Result } from './api/result';
import { messages } from './i18n/language.svelte';

/**
 * What people paste, as the URL they mean: a bare host is asked by https, an IDN is in Punycode,
 * what a path or a query may not hold is percent-encoded. What a good URL is remains the
 * collector's to say; only what no URL can be made of is refused here.
 */
export function normalizeUrl(text: string): Result<string> {
  const full = withScheme(text.trim());
  // Nothing, or another scheme: the collector has a sentence for it.
  if (!/^https?:/i.test(full)) return success(full);
  if (!hasGoodPort(full)) return failure(() => messages().form.badPort, '/url');
  try {
    const url = new URL(full);
    url.pathname = encodeRest(url.pathname);
    url.search = encodeRest(url.search);
    url.hash = '';
    return success(url.href);
  } catch {
    return failure(() => messages().form.badUrl, '/url');
  }
}

function withScheme(text: string): string {
  if (text === '') return '';
  if (text.startsWith('//')) return `https:${text}`;
  return hasScheme(text) ? text : `https://${text}`;
}

/** "host:8443" looks like a scheme, too; but a scheme has no dot and no port behind it. */
function hasScheme(text: string): boolean {
  const [, name, rest] = /^([a-z][a-z\d+.-]*):(.*)$/is.exec(text) ?? [];
  if (name === undefined || rest === undefined) return false;
  if (rest.startsWith('//')) return true;
  const isHost = name.includes('.') || name.toLowerCase() === 'localhost';
  return !isHost && !/^\d+([/?#]|$)/.test(rest);
}

function hasGoodPort(url: string): boolean {
  const authority = /^https?:[\\/]*([^\\/?#]*)/i.exec(url)?.[1] ?? '';
  const port = /:([^:\]]*)$/.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[1] ?? '';
  return port === '' || (/^\d+$/.test(port) && Number(port) <= 65535);
}

/** Browsers let pass what RFC 3986 does not: brackets, bars, a lone percent sign. */
function encodeRest(part: string): string {
  return part
    .replace(/%(?![\da-f]{2})/gi, '%25')
    .replace(/[^\w\-.~:/?@!$&'()*+,;=%]/g, encodeURIComponent);
}
