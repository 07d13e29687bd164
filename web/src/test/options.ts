import { USUAL_TARGET } from '../api/complete';
import { failure, success, type Result } from '../api/result';
import {
  PHASES,
  type AgentStatus,
  type Expectations,
  type Family,
  type Phase,
  type Reuse,
  type Target,
  type Test,
  type TestRequest,
} from '../api/types';
import { messages } from '../i18n/language.svelte';
import { describeTarget } from './target';

export interface HeaderRow {
  /** Tells rows apart while others come and go. */
  readonly key: number;
  name: string;
  /** Null stands for any, where one is expected. */
  value: string | null;
  /** The collector has not kept the value: it has to be typed again. */
  redacted: boolean;
}

/** How a URL is to be asked for, as the form holds it. An empty field, null or '', is as usual. */
export interface Options {
  method: string;
  /** Sent with a POST only. */
  body: string;
  request_headers: HeaderRow[];
  http_version: string;
  family: Family;
  connect_to: string;
  resolver: string;
  max_redirects: number | null;
  samples: number | null;
  reuse: Reuse;
  timeout_ms: number | null;
  limits_ms: Record<Phase, number | null>;
  expect: {
    /** "200", or "200-299". */
    status: string;
    headers: HeaderRow[];
    certificate_days: number | null;
    ttfb_ms: number | null;
  };
  /** Ids; null is every agent there is. */
  agents: string[] | null;
}

export const METHODS = ['GET', 'HEAD', 'POST'];
export const HTTP_VERSIONS = ['auto', '1.1', '2', '3'];
export const FAMILIES: Family[] = ['any', 'ipv4', 'ipv6', 'both'];
export const REUSES: Reuse[] = ['cold', 'resumed', 'warm'];

/** The collector's (common/target.h), which has the last word. */
export const BOUNDS = {
  max_redirects: [0, 10],
  samples: [1, 10],
  timeout_ms: [100, 60_000],
  limit_ms: [1, 60_000],
  certificate_days: [1, 3650],
} as const;

const LONGEST_OF_ONE_SAMPLE_MS = 30_000;
/** What the collector shows in place of a secret. */
const REDACTED = '<redacted>';

export function maxTimeout({ samples, family }: Options): number {
  return (samples ?? 1) > 1 || family === 'both' ? BOUNDS.timeout_ms[1] : LONGEST_OF_ONE_SAMPLE_MS;
}

export function usualOptions(): Options {
  return optionsOfTarget(USUAL_TARGET, null);
}

/** What has to be asked for to have this test once more. */
export function optionsOf({ target, cities }: Pick<Test, 'target' | 'cities'>): Options {
  const agents = cities.map(({ agent_id }) => agent_id);
  return optionsOfTarget(target ?? USUAL_TARGET, agents);
}

let lastKey = 0;

export function headerRow(name = '', value: string | null = ''): HeaderRow {
  const redacted = value === REDACTED;
  return { key: ++lastKey, name, value: redacted ? '' : value, redacted };
}

/** A test's request, with only what is not as usual. */
export function requestOf(url: string, options: Options): Result<TestRequest> {
  const sent = filled(options.request_headers);
  const index = sent.findIndex(isSecretMissing);
  const missing = sent[index];
  if (missing) {
    const { name } = missing;
    return failure(() => messages().options.typeAgain(name), `/request_headers/${index}/1`);
  }
  const names = filled(options.expect.headers).map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  // An object has each name once, so the collector would not see it.
  if (twice !== undefined) {
    return failure(() => messages().options.twice(twice), `/expect/headers/${escape(twice)}`);
  }
  const agents = options.agents === null ? {} : { agents: [...options.agents] };
  return success({ url, ...agents, ...differing(targetOf(options), USUAL_TARGET) });
}

export function isSecretMissing({ redacted, value }: HeaderRow): boolean {
  return redacted && value === '';
}

/** The form's field for what the collector names in a request; null where it has none. */
export function placeOf(pointer: string | null, options: Options): string | null {
  const [member, part, last] = (pointer ?? '').split('/').slice(1).map(unescape);
  switch (member) {
    case 'agents':
      return '/agents';
    case 'request_headers':
      return placeOfRow('/request_headers', filled(options.request_headers)[Number(part)], last);
    case 'expect': {
      if (part !== 'headers') break;
      const named = filled(options.expect.headers).filter(({ name }) => name === last);
      // Of one that is there twice, the second is one too many.
      return placeOfRow('/expect/headers', named.at(-1));
    }
  }
  return PLACES.includes(pointer ?? '') ? pointer : null;
}

const PLACES = [
  '/url',
  '/method',
  '/body',
  '/http_version',
  '/family',
  '/connect_to',
  '/resolver',
  '/max_redirects',
  '/samples',
  '/reuse',
  '/timeout_ms',
  ...PHASES.map((phase) => `/limits_ms/${phase}`),
  '/expect/status',
  '/expect/certificate_days',
  '/expect/ttfb_ms',
];

function placeOfRow(list: string, row: HeaderRow | undefined, part?: string): string {
  if (row === undefined) return list;
  return part === undefined ? `${list}/${row.key}` : `${list}/${row.key}/${part}`;
}

/** As RFC 6901 has it, like its way back. */
function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** What is not as usual, as one reads it; empty where all is. */
export function describeOptions(options: Options, known: AgentStatus[] | null): string {
  const parts = [describeTarget(targetOf(options)), describeCities(options, known)];
  return messages().format.list(parts.filter((part) => part !== ''));
}

function describeCities({ agents }: Options, known: AgentStatus[] | null): string {
  const { format, options: text } = messages();
  if (agents === null || hasAll(agents, known)) return '';
  if (known === null) return format.cities(agents.length);
  return text.citiesOf(agents.length, format.cities(known.length));
}

/** Whether these are all agents that are known, and no others. */
export function hasAll(agents: string[], known: AgentStatus[] | null): boolean {
  if (known === null || known.length !== agents.length) return false;
  return known.every(({ agent }) => agents.includes(agent.id));
}

/** How many samples the collector counts against its limits. */
export function costOf({ agents, samples, family }: Options, known: number): number {
  return (agents?.length ?? known) * (samples ?? 1) * (family === 'both' ? 2 : 1);
}

function optionsOfTarget(target: Target, agents: string[] | null): Options {
  const { body, connect_to, resolver, request_headers, limits_ms, expect, ...rest } = target;
  const { status, headers } = expect;
  return {
    method: rest.method,
    http_version: rest.http_version,
    family: rest.family,
    max_redirects: rest.max_redirects,
    samples: rest.samples,
    reuse: rest.reuse,
    timeout_ms: rest.timeout_ms,
    body: body ?? '',
    connect_to: connect_to ?? '',
    resolver: resolver ?? '',
    request_headers: request_headers.map(([name, value]) => headerRow(name, value)),
    limits_ms: { ...limits_ms },
    expect: {
      ...expect,
      status: status === null ? '' : [status].flat().join('-'),
      headers: Object.entries(headers).map(([name, value]) => headerRow(name, value)),
    },
    agents,
  };
}

function targetOf(options: Options): Target {
  const { method, http_version, family, reuse, limits_ms, expect } = options;
  const body = method === 'POST' ? options.body : '';
  const headers = filled(options.request_headers);
  return {
    method,
    request_headers: headers.map(({ name, value }) => [name, value ?? '']),
    body: body === '' ? null : body,
    http_version,
    family,
    connect_to: options.connect_to.trim() || null,
    resolver: options.resolver.trim() || null,
    max_redirects: options.max_redirects ?? USUAL_TARGET.max_redirects,
    reuse,
    samples: options.samples ?? USUAL_TARGET.samples,
    timeout_ms: options.timeout_ms ?? USUAL_TARGET.timeout_ms,
    limits_ms: { ...limits_ms },
    expect: {
      status: statusOf(expect.status.trim()),
      headers: Object.fromEntries(filled(expect.headers).map(({ name, value }) => [name, value])),
      certificate_days: expect.certificate_days,
      ttfb_ms: expect.ttfb_ms,
    },
  };
}

/** What is neither a status nor a range goes as it is: the collector has a sentence for it. */
function statusOf(text: string): Expectations['status'] {
  if (text === '') return null;
  const [, least, most] = /^(\d+)(?:\s*[-–]\s*(\d+))?$/.exec(text) ?? [];
  if (least === undefined) return text as unknown as Expectations['status'];
  return most === undefined ? Number(least) : [Number(least), Number(most)];
}

/** Names lose the blanks around them; rows in which nothing stands are left out. */
function filled(rows: HeaderRow[]): HeaderRow[] {
  return rows
    .map((row) => ({ ...row, name: row.name.trim() }))
    .filter(({ name, value }) => name !== '' || (value ?? '') !== '');
}

type Tree = Record<string, unknown>;

function differing(asked: object, usual: object): Tree {
  const pairs = Object.entries(asked).flatMap(([key, value]): [string, unknown][] => {
    const other = (usual as Tree)[key];
    if (JSON.stringify(value) === JSON.stringify(other)) return [];
    return [[key, isTree(value) && isTree(other) ? differing(value, other) : value]];
  });
  return Object.fromEntries(pairs);
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
