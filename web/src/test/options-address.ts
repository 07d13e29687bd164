import { PHASES } from '../api/types';
import {
  BOUNDS,
  FAMILIES,
  headerRow,
  HTTP_VERSIONS,
  METHODS,
  REUSES,
  usualOptions,
  type HeaderRow,
  type Options,
} from './options';

/*
 * Options in the start page's address: "/?url=…&method=HEAD&samples=3", by the names that they have
 * in the API, with a dot between a member and its part; `header` is one header of the request.
 */

export interface PreparedTest {
  /** Null where the address says nothing of it. */
  url: string | null;
  options: Options | null;
  /** What cannot be meant, as it stands there. */
  ignored: string[];
}

/** What else stands in the address is of other parts of the page. */
export function readOptions(search: URLSearchParams): PreparedTest {
  const options = usualOptions();
  const ignored: string[] = [];
  const url = search.get('url');
  let found = url !== null;
  for (const [name, text] of search) {
    const parameter = PARAMETERS.get(name);
    if (parameter === undefined) continue;
    if (parameter.read(options, text)) found = true;
    else ignored.push(`${name}=${text}`);
  }
  return { url, options: found ? options : null, ignored };
}

/** The start page with all of this in its form but the values of secrets, which are to be typed there. */
export function addressOf(url: string, options: Options): string {
  const usual = usualOptions();
  const search = new URLSearchParams({ url });
  for (const [name, { write }] of PARAMETERS) {
    const texts = write(options);
    if (texts.join() === write(usual).join()) continue;
    for (const text of texts) search.append(name, text);
  }
  return `/?${search}`;
}

interface Parameter {
  /** Tells whether that can be meant. */
  read: (options: Options, text: string) => boolean;
  write: (options: Options) => string[];
}

const LEAST_AND_MOST_STATUS = /^[1-5]\d\d(-[1-5]\d\d)?$/;
const ENDPOINT = /^[\da-f.:[\]]+$/i;

const PARAMETERS = new Map<string, Parameter>([
  ['method', member(self, 'method', oneOf(METHODS))],
  ['header', headers(({ request_headers }) => request_headers, '')],
  ['body', member(self, 'body', (text) => text)],
  ['http_version', member(self, 'http_version', oneOf(HTTP_VERSIONS))],
  ['family', member(self, 'family', oneOf(FAMILIES))],
  ['connect_to', member(self, 'connect_to', matching(ENDPOINT))],
  ['resolver', member(self, 'resolver', matching(ENDPOINT))],
  ['max_redirects', member(self, 'max_redirects', whole(BOUNDS.max_redirects))],
  ['samples', member(self, 'samples', whole(BOUNDS.samples))],
  ['reuse', member(self, 'reuse', oneOf(REUSES))],
  ['timeout_ms', member(self, 'timeout_ms', whole(BOUNDS.timeout_ms))],
  ...PHASES.map((phase): [string, Parameter] => [
    `limits_ms.${phase}`,
    member(({ limits_ms }) => limits_ms, phase, whole(BOUNDS.limit_ms)),
  ]),
  ['expect.status', member(expected, 'status', matching(LEAST_AND_MOST_STATUS))],
  ['expect.header', headers(({ expect }) => expect.headers, null)],
  ['expect.certificate_days', member(expected, 'certificate_days', whole(BOUNDS.certificate_days))],
  ['expect.ttfb_ms', member(expected, 'ttfb_ms', whole(BOUNDS.limit_ms))],
  ['agents', { read: readAgents, write: ({ agents }) => (agents ? [agents.join()] : []) }],
]);

function self(options: Options): Options {
  return options;
}

function expected({ expect }: Options): Options['expect'] {
  return expect;
}

function member<Key extends string, Value>(
  partOf: (options: Options) => Record<Key, Value>,
  key: Key,
  parse: (text: string) => Value | undefined,
): Parameter {
  return {
    read: (options, text) => {
      const value = parse(text);
      if (value === undefined) return false;
      partOf(options)[key] = value;
      return true;
    },
    write: (options) => [partOf(options)[key] ?? ''].map(String).filter((text) => text !== ''),
  };
}

function oneOf<Word extends string>(words: Word[]): (text: string) => Word | undefined {
  return (text) => words.find((word) => word === text);
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

function whole([least, most]: readonly [number, number]) {
  return (text: string): number | null | undefined => {
    const number = /^\d+$/.test(text) ? Number(text) : NaN;
    return number >= least && number <= most ? number : undefined;
  };
}

/** "Name: value"; of a secret, and of a header with any value, the name alone. */
function headers(rowsOf: (options: Options) => HeaderRow[], absent: '' | null): Parameter {
  return {
    read: (options, text) => {
      const [, name, value = ''] = /^([^:\s]+)\s*(?::\s*(.*))?$/s.exec(text) ?? [];
      if (name === undefined) return false;
      const row = headerRow(name, value === '' ? absent : value);
      if (absent !== null && value === '') row.redacted = isSecret(name);
      rowsOf(options).push(row);
      return true;
    },
    write: (options) =>
      rowsOf(options)
        .filter(({ name }) => name.trim() !== '')
        .map(({ name, value }) => {
          const shown = absent !== null && isSecret(name) ? '' : value;
          return shown ? `${name}: ${shown}` : name;
        }),
  };
}

/** As the collector decides which values it does not keep (common/target.cc). */
function isSecret(name: string): boolean {
  return /^(authorization|cookie)$|.-(key|secret|token)$/i.test(name);
}

function readAgents(options: Options, text: string): boolean {
  const ids = text.split(',').filter((id) => id !== '');
  options.agents = [...new Set([...(options.agents ?? []), ...ids])];
  return ids.length > 0;
}
