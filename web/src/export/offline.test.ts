import { expect, test } from 'vitest';
import { offlineDocument, type OfflineParts } from './offline';

const made = (parts: Partial<OfflineParts> = {}) =>
  offlineDocument({
    lang: 'en',
    title: 'A test',
    style: '.a { color: red; }',
    body: '<p>hello</p>',
    data: {},
    ...parts,
  });

/** What a browser would read from the element with the data. */
const dataOf = (document: string): unknown =>
  JSON.parse(/id="firstbyte-test">(.*?)<\/script>/s.exec(document)![1]!);

test('the file forbids itself everything but its own styles', () => {
  expect(made()).toMatch(/Content-Security-Policy"\s+content="default-src 'none'; style-src/);
});

test('the data are what they were', () => {
  const data = {
    url: 'https://a/?x=1&y=<2>',
    name: '\u202eRLO "quoted" \u2028 圣保罗',
    us: [1, null],
  };
  expect(dataOf(made({ data }))).toEqual(data);
});

test('no data end their element, open a comment or turn a direction', () => {
  const document = made({ data: ['</script><script>alert(1)</script>', '<!--', '\u202e'] });
  expect(document.match(/<\/script>/g)).toHaveLength(1);
  expect(document).not.toContain('<!--');
  expect(document).not.toContain('\u202e');
});

test('a title is text', () => {
  expect(made({ title: '</title><img src=x>"&' })).toContain(
    '<title>&#60;/title&#62;&#60;img src=x&#62;&#34;&#38;</title>',
  );
});

test('a mark that turns the direction is shown by its number', () => {
  expect(made({ body: '<p>\u202egnp.exe\u2069</p>' })).toContain('<p>[U+202E]gnp.exe[U+2069]</p>');
});

test('no style ends its element', () => {
  expect(made({ style: '.a { content: "</style>"; }' })).toContain('content: "\\3c /style>"');
});

test('what looks like a place for something is left alone', () => {
  expect(made({ title: '{{data}}', body: '$& {{style}} {{constructor}}' })).toContain(
    '$& {{style}} {{constructor}}',
  );
});
