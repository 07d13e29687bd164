import { expect, test } from 'vitest';
import { textOf } from './api/result';
import { normalizeUrl } from './target-url';

function urlOf(text: string) {
  const result = normalizeUrl(text);
  if (result.ok) return result.value;
  return { ...result.error, sentence: textOf(result.error.sentence) };
}

const PORT = { sentence: 'the port must be between 1 and 65535', field: '/url' };
const INVALID = {
  sentence: 'this is not a valid URL; it should look like https://example.com/',
  field: '/url',
};

test('a whole URL stays as it is', () => {
  expect(urlOf('http://www.example.net:8080/a?b=c')).toBe('http://www.example.net:8080/a?b=c');
});

test.each([
  ['www.firstbyte.test:8443', 'https://www.firstbyte.test:8443/'],
  ['foo.bar/x', 'https://foo.bar/x'],
  ['localhost:8080', 'https://localhost:8080/'],
  ['intranet', 'https://intranet/'],
  ['192.0.2.1:8443/x', 'https://192.0.2.1:8443/x'],
  ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443/'],
  ['//cdn.example/x', 'https://cdn.example/x'],
])('the bare host %s is asked by https', (text, url) => {
  expect(urlOf(text)).toBe(url);
});

test('a URL within the query of a bare host does not make it whole', () => {
  expect(urlOf('a.example/?to=https://b.example/')).toBe(
    'https://a.example/?to=https://b.example/',
  );
});

test('an international name becomes Punycode', () => {
  expect(urlOf('https://münchen.example/')).toBe('https://xn--mnchen-3ya.example/');
});

test('blanks and umlauts in the path are percent-encoded', () => {
  expect(urlOf('https://a.example/ü b?q=ä ö')).toBe(
    'https://a.example/%C3%BC%20b?q=%C3%A4%20%C3%B6',
  );
});

test('what browsers let pass but RFC 3986 does not is percent-encoded, too', () => {
  expect(urlOf('https://a.example/a|b[1]?c={d}^`&e=100%')).toBe(
    'https://a.example/a%7Cb%5B1%5D?c=%7Bd%7D%5E%60&e=100%25',
  );
});

test('what is percent-encoded already is not encoded again', () => {
  expect(urlOf('https://a.example/%C3%BC%20b')).toBe('https://a.example/%C3%BC%20b');
});

test('blanks around it and a fragment are dropped', () => {
  expect(urlOf(' https://a.example/x#y \n')).toBe('https://a.example/x');
});

test.each(['https://a.example:99999/', 'a.example:65536', 'https://a.example:x/', 'a.example:x'])(
  'the port of %s is refused in one sentence',
  (text) => {
    expect(urlOf(text)).toEqual(PORT);
  },
);

test('an address with colons has no bad port', () => {
  expect(urlOf('https://[2001:db8::1]/')).toBe('https://[2001:db8::1]/');
});

test.each(['https://', 'https://a b/', 'not a url', 'https://[::1/'])(
  'no URL can be made of %s',
  (text) => {
    expect(urlOf(text)).toEqual(INVALID);
  },
);

test.each(['', 'ftp://x', 'mailto:a@b.example'])(
  '%s is left to the collector to refuse',
  (text) => {
    expect(urlOf(text)).toBe(text);
  },
);
