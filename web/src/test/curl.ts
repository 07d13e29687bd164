import { USUAL_TARGET } from '../api/complete';
import type { Measurement, Target, Test } from '../api/types';
import { messages } from '../i18n/language.svelte';
import { finalUrl, parseUrl } from './hops';
import { quote, variableOf } from './shell';

/** What the collector keeps of a secret. */
const REDACTED = '<redacted>';

/** Seconds since the start, at the end of what they are named for. */
const TIMES =
  '\\ndns=%{time_namelookup} connect=%{time_connect} tls=%{time_appconnect} ' +
  'request=%{time_pretransfer} ttfb=%{time_starttransfer} total=%{time_total}\\n';

const VERSIONS: Record<string, string[]> = {
  '1.1': ['--http1.1'],
  '2': ['--http2'],
  '3': ['--http3-only'],
};

/** A command for a POSIX shell that asks the same of the same addresses as the agent did. */
export function curlCommand(
  { target, url }: Pick<Test, 'target' | 'url'>,
  result: Measurement,
): string {
  const asked = target ?? USUAL_TARGET;
  const pins = pinsOf(asked, url, result);
  const lines = [
    `curl -sS -g${asked.method === 'HEAD' ? ' --head' : ''} -D - -o /dev/null`,
    // The agent does without proxies as well.
    `--noproxy '*'`,
    ...(VERSIONS[asked.http_version] ?? []),
    ...familyOption(asked, result),
    `--max-time ${asked.timeout_ms / 1000}`,
    ...(asked.max_redirects > 0 ? [`-L --max-redirs ${asked.max_redirects}`] : []),
    ...pins,
    ...(pins.length === 0 && asked.resolver !== null
      ? [`--dns-servers ${quote(asked.resolver)}`]
      : []),
    ...headersOf(asked),
    ...(asked.method === 'POST' ? [`--data-raw ${quote(asked.body ?? '')}`] : []),
    `-w '${TIMES}'`,
    quote(url),
  ];
  return [...commentsOf(asked, result, pins), lines.join(' \\\n  ')].join('\n');
}

/** Each host on the way at the very address that answered for it. */
function pinsOf(target: Target, url: string, result: Measurement): string[] {
  const pinned = new Map<string, string>();
  for (const exchange of [...result.redirects, { ...result, url: finalUrl(result, url) }]) {
    const { remote_ip: ip, remote_port } = exchange;
    const at = exchange.url === null ? null : placeOf(exchange.url);
    if (at === null || ip === null) continue;
    const address = ip.includes(':') ? `[${ip}]` : ip;
    if (target.connect_to !== null) {
      pinned.set(at.key, `--connect-to ${quote(`${at.key}:${address}:${remote_port ?? at.port}`)}`);
    } else if (at.named) {
      pinned.set(at.key, `--resolve ${quote(`${at.key}:${address}`)}`);
    }
  }
  return [...pinned.values()];
}

function placeOf(url: string): { key: string; port: string; named: boolean } | null {
  const parsed = parseUrl(url);
  if (parsed === null) return null;
  const { hostname, port, protocol } = parsed;
  const known = port || (protocol === 'https:' ? '443' : '80');
  const named = !/^\[|^[\d.]+$/.test(hostname);
  return { key: `${hostname}:${known}`, port: known, named };
}

function familyOption({ family }: Target, { remote_ip }: Measurement): string[] {
  if (family === 'any') return [];
  if (family !== 'both') return [family === 'ipv4' ? '-4' : '-6'];
  return remote_ip === null ? [] : [remote_ip.includes(':') ? '-6' : '-4'];
}

function headersOf({ method, request_headers }: Target): string[] {
  const has = (wanted: string) => request_headers.some(([name]) => name.toLowerCase() === wanted);
  const lines = request_headers.map(([name, value]) => {
    if (value === REDACTED) {
      const variable = variableOf(name);
      return `-H ${quote(`${name}: `)}"\${${variable}:?}"`;
    }
    // curl takes a name with a colon and nothing behind it as one to leave out.
    return `-H ${quote(value.trim() === '' ? `${name};` : `${name}: ${value}`)}`;
  });
  return [
    ...(has('user-agent') ? [] : ['-A firstbyte-agent']),
    // Of a body curl would say that it is a form.
    ...(method === 'POST' && !has('content-type') ? [`-H 'Content-Type:'`] : []),
    ...(method === 'POST' ? [`-H 'Expect:'`] : []),
    ...lines,
  ];
}

function commentsOf(target: Target, result: Measurement, pins: string[]): string[] {
  const { curl, format } = messages();
  const secrets = target.request_headers.filter(([, value]) => value === REDACTED);
  const names = [...new Set(secrets.map(([name]) => variableOf(name)))];
  return [
    ...(names.length > 0 ? [curl.secrets(format.list(names))] : []),
    ...(result.reuse !== null && result.reuse !== 'cold' ? [curl.coldOnly] : []),
    ...(pins.length === 0 && target.resolver !== null ? [curl.resolver] : []),
    ...(target.body?.includes('\0') ? [curl.withoutNul] : []),
  ].map((comment) => `# ${comment}`);
}
