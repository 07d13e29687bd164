import { expect, test } from 'vitest';
import { CAUSES, RATINGS } from '../api/types';
import { en, type Messages } from './en';
import { zh } from './zh';

type Samples<T> = {
  [Key in keyof T as T[Key] extends string ? never : Key]: T[Key] extends (
    ...args: infer Args
  ) => string
    ? Args
    : Samples<T[Key]>;
};

/** What each message that is a function is called with. */
const SAMPLES: Omit<Samples<Messages>, 'causes'> = {
  agents: {
    unreachable: ['23'],
    connectedOf: [1, '2'],
    lostMark: [3],
    since: ['23'],
    results: [2],
    gap: [1],
    gapOf: ['2', '3', '4'],
    spooled: ['2', '64 KiB', '23'],
    spooledSince: ['2', '64 KiB', '30', '23'],
    notDurable: ['ENOSPC'],
    putAside: ['23'],
    setBack: ['90', '23'],
    setAhead: ['90', '23'],
  },
  bar: {
    scale: ['250'],
    piece: ['DNS', '8.2'],
    sum: [['DNS'], '34.0'],
    reached: [['DNS']],
    milliseconds: ['DNS'],
    failedIn: ['TLS'],
    underWay: ['TLS', '8.2'],
    about: ['250'],
  },
  collector: { silent: [15], status: ['502'] },
  changes: {},
  columns: {},
  checks: {
    every: ['30 s'],
    tallied: ['Failed', '2'],
    stale: ['23'],
    caption: ['front'],
    stored: [1, 2, '23'],
    late: [1],
    skipped: [1],
    noData: [1],
  },
  checkStates: {},
  history: {
    caption: ['https://a/'],
    chooseTest: ['23'],
    answered: [1, 2],
    failed: [1],
    noData: [1],
    trend: [3],
  },
  map: {
    about: ['https://a/'],
    city: ['Oslo', 'good', '34'],
    cityWithout: ['Oslo', 'good'],
    by: ['Oslo', 'ny1'],
    site: ['ny1', 'Oslo'],
    unplaced: ['ny1'],
    unplacedEdge: ['ny1', 2],
  },
  comparison: {
    caption: ['https://a/'],
    delta: ['DNS'],
    inCities: ['v1', 'Oslo'],
    differs: ['via', '1'],
  },
  copyLink: {},
  copyText: {},
  curl: { secrets: ['TOKEN'] },
  detail: { measuring: ['Oslo', 'DNS'], lateBefore: ['23'], lateAnswer: ['200', '34.0 ms'] },
  differences: { title: [2] },
  facts: {
    reuse: {},
    bodyRead: ['64 KiB'],
    bodyTruncated: ['64 KiB'],
    daysLeft: ['2027', 69],
    daysPast: ['2026', 2],
    rttWithLeast: ['8 ms', '7 ms'],
    address: ['192.0.2.1', 60],
    moreRecords: [3],
    edgeIn: ['ny1', 'Oslo', 'NO'],
    edgeReadFrom: ['ny1', 'x-edge-route'],
    edgeReadBy: ['ny1', 'x-edge-route', 'whole'],
  },
  failure: {},
  families: {},
  footer: {},
  form: {},
  format: {
    minute: [2026, 11, 23, '06:06'],
    milliseconds: [250],
    seconds: [30],
    minutes: [5],
    hours: [26],
    bytes: [512],
    agentAhead: ['1 ms'],
    agentBehind: ['1 ms'],
    cities: [3],
    list: [['DNS', 'TLS']],
    clauses: [['DNS', 'TLS']],
  },
  gaps: {},
  header: {},
  headers: { longer: [8192] },
  hints: {},
  hops: { ofSample: [1] },
  json: {},
  legend: {},
  missing: {},
  names: {
    city: ['Tokyo'],
    cause: ['refused'],
    origin: ['target'],
    rating: ['good'],
    agentState: ['offline'],
    place: ['dns', 'resolver'],
  },
  options: {
    citiesOf: [3, '14'],
    removeHeader: ['via'],
    typeAgain: ['via'],
    twice: ['via'],
    allOf: ['Asia'],
    noneOf: ['Asia'],
    region: ['Asia'],
    cost: [3],
    left: [286, 300],
    ignored: [['samples=99']],
  },
  other: {
    begins: {},
    ends: {},
    preparations: {},
    before: ['SYN'],
    between: ['SYN-ACK', 'SYN'],
    within: ['TLS'],
  },
  outcome: { status: [200] },
  overloaded: {},
  phaseHints: {},
  phases: {},
  present: {},
  redirect: {},
  report: { title: ['https://a/'] },
  reuse: {},
  row: {
    caption: ['https://a/'],
    afterRedirects: [2],
    numbersOfLast: ['2'],
    shared: [13, 14],
    place: ['DNS'],
  },
  samples: {
    ofKind: ['IPv4', 'TTFB'],
    range: ['2', '1', '3'],
    withKind: ['IPv4', '34.0'],
    count: [1, 2],
    ttfb: ['34.0'],
    median: ['2', '1', '3'],
    firstBytes: ['TTFB', 1, 2],
  },
  selfCheck: {
    overloaded: ['45 ms'],
    controlFails: ['timeout'],
    failing: ['timeout'],
    withTtfb: ['ok', '3.2'],
    control: ['ok', 'https://a/', '23'],
  },
  share: {
    saved: ['a.png'],
    heading: ['https://a/', '23'],
    compared: ['https://a/', '23', '24'],
    times: ['34.0', '231', 'Oslo'],
    underWay: ['3'],
    failures: ['TLS'],
    cause: ['TLS', 'Oslo'],
  },
  signIn: {},
  sort: { turn: ['ascending'] },
  states: {},
  statusBar: { progress: [3, '4'], ended: ['3'] },
  summary: {
    answered: [3, '4'],
    allWithError: ['HTTP 503'],
    someWithError: [2, 'HTTP 503'],
    httpError: [[404, 503]],
    extremes: ['Oslo', 'Lima'],
    cutOff: [1],
    allCutOff: [2, '2'],
    failed: [1],
    offline: [1],
    timedOut: [1],
  },
  target: {
    body: ['POST', '2'],
    requestHeaders: [2],
    connectTo: ['192.0.2.1'],
    resolver: ['192.0.2.1'],
    redirects: [5],
    samples: [5],
    samplesOf: [5, 'warm'],
    timeout: [2.5],
    limit: ['DNS', 50],
    expects: [['DNS']],
    status: ['204'],
    responseHeaders: [1],
    certificateDays: [14],
    ttfb: [500],
  },
  verdict: {
    moved: [1, '14'],
    nobodyMoved: ['14'],
    detail: ['1', '2'],
    failed: ['Oslo'],
    recovered: ['Oslo'],
    pending: ['Oslo'],
    noData: ['Oslo'],
    oneTest: ['Oslo'],
    answered: [13, 14, 200],
    alsoAnswered: [1, 503],
    silent: [1],
  },
  waterfall: { doing: ['TLS'], stripOther: ['1.1'], stripTotal: ['34.1'] },
};

/** Names of protocols, packets and addresses, which are the same in every language. */
const SAME = new Set([
  'URL',
  'API',
  'DNS',
  'TLS',
  'TTFB',
  'UDP',
  'IPv4',
  'IPv6',
  'SYN',
  'SYN-ACK',
  'ClientHello',
]);

/** Nothing but an order, a mark or a number with its unit. */
const WITHOUT_WORDS = new Set([
  'checks.tallied',
  'map.city',
  'map.cityWithout',
  'map.site',
  'bar.scale',
  'bar.piece',
  'bar.sum',
  'bar.milliseconds',
  'comparison.differs',
  'comparison.inCities',
  'format.list',
  'format.clauses',
  'other.between',
  'row.place',
  'samples.ofKind',
  'samples.range',
  'samples.withKind',
  'samples.ttfb',
  'share.cause',
  'selfCheck.withTtfb',
  'selfCheck.control',
  'statusBar.progress',
  'target.body',
  'missing.afterStartPage',
  'verdict.detail',
  'waterfall.doing',
  'agents.gapOf',
  'facts.edgeIn',
  'agents.spooled',
]);

const pairs = said(en, zh, SAMPLES);

test('each message is said in both languages', () => {
  expect(pairs.length).toBeGreaterThan(250);
  expect(pairs.filter(([, english, chinese]) => english === '' || chinese === '')).toEqual([]);
});

test('a message in Chinese is not the one in English', () => {
  const same = pairs.filter(([, english, chinese]) => english === chinese && !SAME.has(english));
  expect(same.map(([path]) => path).filter((path) => !WITHOUT_WORDS.has(path))).toEqual([]);
});

test('a message in Chinese has Chinese words', () => {
  const without = pairs.filter(
    ([path, , chinese]) =>
      !/\p{Script=Han}/u.test(chinese) && !SAME.has(chinese) && !WITHOUT_WORDS.has(path),
  );
  expect(without).toEqual([]);
});

test('a message in English has no Chinese words', () => {
  expect(pairs.filter(([, english]) => /\p{Script=Han}/u.test(english))).toEqual([]);
});

test('every city of the demo, cause and rating has a Chinese name', () => {
  const cities =
    'New York,Los Angeles,Amsterdam,Hangzhou,Chengdu,Hong Kong,Shenzhen,Sydney,Wuhan,Frankfurt,' +
    'London,Singapore,Tokyo,São Paulo';
  const { city, cause, rating } = zh.names;
  const shown = [...cities.split(',').map(city), ...CAUSES.map(cause), ...RATINGS.map(rating)];
  expect(shown.filter((name) => !/\p{Script=Han}/u.test(name))).toEqual([]);
  expect(new Set(shown).size).toBeGreaterThan(cities.split(',').length + CAUSES.length);
});

test('what has no Chinese name is shown as it came', () => {
  expect([zh.names.city('Oslo'), zh.names.cause('constructor')]).toEqual(['Oslo', 'constructor']);
});

/** Every message of a catalogue by its path, as it is said in English and in Chinese. */
function said(
  english: object,
  chinese: object,
  samples: object,
  path = '',
): [path: string, english: string, chinese: string][] {
  return Object.entries(english).flatMap(([key, left]) => {
    const at = path === '' ? key : `${path}.${key}`;
    const right = (chinese as Record<string, unknown>)[key];
    const sample = (samples as Record<string, unknown>)[key];
    if (typeof left === 'string') return [[at, left, String(right)]];
    if (typeof left === 'function') {
      const args = sample as unknown[];
      return [[at, left(...args), (right as typeof left)(...args)]];
    }
    return said(left, right as object, (sample ?? {}) as object, at);
  });
}
