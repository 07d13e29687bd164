import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { USUAL_TARGET } from '../api/complete';
import type { Measurement, Target } from '../api/types';
import { answer, redirectTo } from '../testing/measurements';
import { curlCommand } from './curl';
import { quote } from './shell';

const URL_ASKED = 'https://www.example.net/';

/** A curl that says what it was called with, each argument behind a NUL. */
const folder = mkdtempSync(join(tmpdir(), 'curl-'));
writeFileSync(join(folder, 'curl'), `#!/bin/sh\nprintf '%s\\0' "$@"\n`);
chmodSync(join(folder, 'curl'), 0o755);
afterAll(() => rmSync(folder, { recursive: true }));

function run(command: string, env: Record<string, string> = {}): string[] {
  const PATH = `${folder}:/usr/bin:/bin`;
  const said = execFileSync('/bin/sh', ['-c', command], {
    env: { ...env, PATH },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return said.toString().split('\0').slice(0, -1);
}

function commandOf(
  target: Partial<Target> = {},
  result: Partial<Measurement> = {},
  url = URL_ASKED,
) {
  return curlCommand({ target: { ...USUAL_TARGET, ...target }, url }, answer(result));
}

const argumentsOf = (...parts: Parameters<typeof commandOf>) => run(commandOf(...parts));

/** What stands behind each of an option's appearances. */
function valuesOf(args: string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1]!] : []));
}

test('the usual test is asked of the very address that answered', () => {
  const args = argumentsOf();
  expect(valuesOf(args, '--resolve')).toEqual(['www.example.net:443:192.0.2.1']);
  expect(valuesOf(args, '--max-time')).toEqual(['10']);
  expect(valuesOf(args, '-w')[0]).toContain('ttfb=%{time_starttransfer}');
  expect(args.at(-1)).toBe(URL_ASKED);
  expect(args).not.toContain('-L');
});

test('an IPv6 address stands in brackets', () => {
  const args = argumentsOf({ family: 'both' }, { remote_ip: '2001:db8::1' });
  expect(valuesOf(args, '--resolve')).toEqual(['www.example.net:443:[2001:db8::1]']);
  expect(args).toContain('-6');
});

test('where the test pinned an address, the command does as well', () => {
  const args = argumentsOf({ connect_to: '192.0.2.1:8443' }, { remote_port: 8443 });
  expect(valuesOf(args, '--connect-to')).toEqual(['www.example.net:443:192.0.2.1:8443']);
  expect(args).not.toContain('--resolve');
});

test('each host on the way is pinned, and as many redirects are followed', () => {
  const hop = { ...redirectTo(URL_ASKED, 'http://example.net/'), remote_ip: '192.0.2.7' };
  const args = argumentsOf({ max_redirects: 3 }, { redirects: [hop] }, 'http://example.net/');
  expect(valuesOf(args, '--resolve')).toEqual([
    'example.net:80:192.0.2.7',
    'www.example.net:443:192.0.2.1',
  ]);
  expect(valuesOf(args, '--max-redirs')).toEqual(['3']);
  expect(args).toContain('-L');
});

test('an address in the URL needs no other one', () => {
  const args = argumentsOf({}, {}, 'http://[2001:db8::1]:8080/');
  expect(args).not.toContain('--resolve');
  expect(args).toContain('-g');
});

test.each([
  ['1.1', '--http1.1'],
  ['2', '--http2'],
  ['3', '--http3-only'],
])('HTTP/%s is asked for by %s', (http_version, option) => {
  expect(argumentsOf({ http_version })).toContain(option);
});

test.each([
  ['ipv4', '-4'],
  ['ipv6', '-6'],
] as const)('%s is asked for by %s', (family, option) => {
  expect(argumentsOf({ family })).toContain(option);
});

test('HEAD is a HEAD', () => {
  const args = argumentsOf({ method: 'HEAD' });
  expect(args).toContain('--head');
  // Else its headers, too, would go where the body goes.
  expect(valuesOf(args, '-D')).toEqual(['-']);
});

test('a body goes as it is, and not as a form', () => {
  const args = argumentsOf({ method: 'POST', body: '@/etc/passwd' });
  expect(valuesOf(args, '--data-raw')).toEqual(['@/etc/passwd']);
  expect(valuesOf(args, '-H')).toEqual(['Content-Type:', 'Expect:']);
});

test('a header without a value is sent without one', () => {
  expect(valuesOf(argumentsOf({ request_headers: [['X-Empty', '']] }), '-H')).toEqual(['X-Empty;']);
});

test('a secret is taken from a variable, whose name a comment says', () => {
  const command = commandOf({ request_headers: [['Authorization', '<redacted>']] });
  expect(command).toMatch(/^# .*AUTHORIZATION.*\ncurl /);
  const args = run(command, { AUTHORIZATION: `Bearer a'b "$c"` });
  expect(valuesOf(args, '-H')).toEqual([`Authorization: Bearer a'b "$c"`]);
});

test('without the secret nothing is sent', () => {
  const command = commandOf({ request_headers: [['Authorization', '<redacted>']] });
  expect(() => run(command)).toThrow(/AUTHORIZATION/);
});

test('where no address was reached, the resolver of the test is asked', () => {
  const args = argumentsOf({ resolver: '192.0.2.53:53' }, { remote_ip: null });
  expect(valuesOf(args, '--dns-servers')).toEqual(['192.0.2.53:53']);
});

const HOSTILE = [
  `'; touch broken; '`,
  '$(touch broken)',
  '`touch broken`',
  '"$HOME" \\ \\\' !! #x & | > broken',
  'two\nlines',
  'tab\tand  blanks ',
  '*?[a]{b,c} ~',
  'caf\u00e9 \u4e2d\u6587 \ud83d\ude80 \u202e',
  "''''",
  '-o/broken',
  '\\',
];

test.each(HOSTILE)('%j stays what it is, as URL, header and body', (text) => {
  const args = argumentsOf(
    { method: 'POST', body: text, request_headers: [['X-Text', `a${text}`]] },
    {},
    `https://www.example.net/?${text}`,
  );
  expect(args.at(-1)).toBe(`https://www.example.net/?${text}`);
  expect(valuesOf(args, '--data-raw')).toEqual([text]);
  expect(valuesOf(args, '-H')).toContain(`X-Text: a${text}`);
  expect(execFileSync('ls', [folder]).toString()).toBe('curl\n');
});

test('a key that somebody could seem to have pressed is not in the command, but in its argument', () => {
  const command = commandOf({ method: 'POST', body: 'a\u0003\u001b[2J\r\nb\u009bc\u007f' });
  expect(command).not.toMatch(/(?!\n)\p{Cc}/u);
  expect(valuesOf(run(command), '--data-raw')).toEqual(['a\u0003\u001b[2J\r\nb\u009bc\u007f']);
});

test('NUL cannot be passed, and that is said', () => {
  const command = commandOf({ method: 'POST', body: 'a\0b' });
  expect(command).toMatch(/^# .*NUL/);
  expect(valuesOf(run(command), '--data-raw')).toEqual(['ab']);
});

test('an empty text is a word, too', () => {
  expect(quote('')).toBe("''");
});
