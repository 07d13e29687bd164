/** The collector's JSON, as `/api/v1/openapi.json` describes it. Durations are microseconds. */

/** In the order in which they happen. */
export const PHASES = ['dns', 'connect', 'tls', 'wait', 'transfer'] as const;
export type Phase = (typeof PHASES)[number];

export const TERMINAL_STATES = ['finished', 'failed', 'offline', 'timed_out'] as const;
export type TerminalState = (typeof TERMINAL_STATES)[number];

export const CITY_STATES = ['dispatched', ...PHASES, ...TERMINAL_STATES] as const;
export type CityState = (typeof CITY_STATES)[number];

/** From best to worst. */
export const RATINGS = ['excellent', 'good', 'slow', 'failed'] as const;
export type Rating = (typeof RATINGS)[number];

/** The closed list of why a probe failed. */
export const CAUSES = [
  'nxdomain',
  'servfail',
  'no_address',
  'bad_answer',
  'refused',
  'unreachable',
  'reset',
  'closed',
  'timeout',
  'unknown_issuer',
  'name_mismatch',
  'expired',
  'handshake',
  'protocol',
  'address_not_allowed',
  'invalid_url',
  'cancelled',
  'overloaded',
  'offline',
  'deadline',
  'internal',
  'not_yet_valid',
  'self_signed',
  'bad_certificate',
  'alert',
  'port_not_allowed',
  'unsupported',
  'bad_redirect',
  'too_many_redirects',
  'unexpected_status',
  'unexpected_header',
  'certificate_expiring',
  'too_slow',
] as const;
export type Cause = (typeof CAUSES)[number];

/** Which addresses a name is looked up for. */
export type Family = 'any' | 'ipv4' | 'ipv6' | 'both';

/** What a sample has from the one before it: nothing, its TLS session, or its connection. */
export type Reuse = 'cold' | 'resumed' | 'warm';

export interface Agent {
  id: string;
  city: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  region: string;
  latitude: number;
  longitude: number;
  asn: number | null;
}

/**
 * `<phase>_since_start_us` is the end of the phase, `<phase>_own_us` the agent's own time within it, `<phase>_clock` who
 * saw it begin and end, `other_before_<phase>_us` the agent's own time between it and what was before. What did not
 * happen is null.
 */
export type Timings = Record<`${Phase}_us`, number | null> &
  Record<`${Phase}_since_start_us`, number | null> &
  Record<`${Phase}_own_us`, number | null> &
  Record<`${Phase}_clock`, 'kernel' | 'agent' | null> &
  Record<`other_before_${Phase}_us`, number | null> & {
    /** Time spent in the agent itself; the phases and this add up to the total. */
    other_us: number | null;
    other_within_us: number | null;
    /** After the last phase. */
    other_after_us: number | null;
    ttfb_us: number | null;
    total_us: number | null;
  };

export interface DnsFacts {
  resolver: string | null;
  addresses: { address: string; ttl_s: number | null }[];
  cnames: string[];
  /** Addresses and CNAMEs that came and are not kept. */
  omitted: number;
  transport: 'udp' | 'tcp' | null;
}

/** What the agent's kernel knows of the connection. */
export interface TcpFacts {
  /** SYN to SYN-ACK. */
  rtt_us: number;
  min_rtt_us: number | null;
  retransmits: number;
  congestion_control: string | null;
}

export interface TlsFacts {
  version: string | null;
  cipher: string | null;
  subject: string | null;
  issuer: string | null;
  not_after: string | null;
  /** An earlier session went on, without another look at the certificate. */
  resumed: boolean | null;
}

export interface Failure {
  /** Null where no phase was reached. */
  phase: Phase | null;
  origin: string;
  /** One of CAUSES, or one that this page does not know yet. */
  cause: string;
  message: string;
  /** What the server's TLS sent, by its number in RFC 8446. */
  tls_alert: number | null;
}

/** The last probe of the target by which an agent knows that it is well itself. */
export interface ControlCheck {
  url: string;
  measured_at: string;
  ttfb_us: number | null;
  /** Why it failed; null when it did not. */
  cause: string | null;
}

/** How well the agent itself was while it measured. */
export interface SelfCheck {
  /** 0 where the agent refused the probe, as it was overloaded. */
  loop_lag_us: number;
  overloaded: boolean | null;
  clock_stepped: boolean | null;
  control: ControlCheck | null;
}

export interface EdgeLocation {
  city: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  latitude: number;
  longitude: number;
}

/** One exchange as the agent measured it. */
export interface Measurement {
  /** What it asked for; null where an older collector does not say it. */
  url: string | null;
  timings: Timings;
  /** Null where nothing was measured: offline and timed out. */
  rating: Rating | null;
  status: number | null;
  http_version: string | null;
  remote_ip: string | null;
  remote_port: number | null;
  local_ip: string | null;
  local_port: number | null;
  /** Who answered, read from the header that `edge_header` names. */
  edge: string | null;
  edge_header: string | null;
  /** Such as "cf-ray: after_last_dash"; null where an older collector does not say it. */
  edge_rule: string | null;
  /** Where the edge stands; null where nobody knows. */
  edge_location: EdgeLocation | null;
  /** In the order received, names in lower case; a name may repeat. */
  headers: [name: string, value: string][];
  headers_truncated: boolean;
  /** Read, of what the server sent. */
  body_bytes: number | null;
  /** Reading stopped at the agent's bound. */
  body_truncated: boolean;
  dns: DnsFacts | null;
  tls: TlsFacts | null;
  tcp: TcpFacts | null;
  failure: Failure | null;
  family: Family | null;
  reuse: Reuse | null;
  self_check: SelfCheck | null;
  /** The exchanges that led to this one, each with its own timings. */
  redirects: Exchange[];
  /** Every sample, when several were asked for. This one is one of them. */
  samples: Exchange[];
  measured_at: string | null;
}

export interface Exchange extends Measurement {
  url: string;
}

export interface CityResult extends Measurement {
  agent: Agent;
  state: TerminalState;
  /** `measured_at` by the collector's clock; null while nothing is known of the agent's. */
  corrected_at: string | null;
  received_at: string | null;
  clock_offset_us: number | null;
  clock_error_us: number | null;
}

/** A step of one city, as a `city` event carries it. */
export interface CityUpdate {
  agent_id: string;
  state: CityState;
  elapsed_us: number;
  /** Present once the state is terminal. */
  result: CityResult | null;
  /** What came when the deadline was past: it changes nothing. */
  late: CityResult | null;
}

export interface City extends CityUpdate {
  agent: Agent;
}

/** What the answer must be for the probe not to fail. */
export interface Expectations {
  /** One status, or the range from the first to the second. */
  status: number | [least: number, most: number] | null;
  /** A null value stands for any. */
  headers: Record<string, string | null>;
  /** Left before it expires, at least. */
  certificate_days: number | null;
  /** At most. */
  ttfb_ms: number | null;
}

/** How a URL was asked for. */
export interface Target {
  method: string;
  /** As they were typed; secrets are redacted. */
  request_headers: [name: string, value: string][];
  body: string | null;
  http_version: string;
  family: Family;
  /** "IP" or "IP:PORT", dialled instead of asking DNS. */
  connect_to: string | null;
  /** "IP" or "IP:PORT"; null is the agent's own. */
  resolver: string | null;
  /** Followed; with 0 a redirect is the answer. */
  max_redirects: number;
  reuse: Reuse;
  samples: number;
  /** Of the whole probe. */
  timeout_ms: number;
  /** Of each phase of an exchange. */
  limits_ms: Record<Phase, number | null>;
  expect: Expectations;
}

/** What a test is started with. Whatever is left out is as usual; without agents it is all of them. */
export interface TestRequest extends Partial<Omit<Target, 'limits_ms' | 'expect'>> {
  url: string;
  agents?: string[];
  limits_ms?: Partial<Target['limits_ms']>;
  expect?: Partial<Expectations>;
}

/** Of the limit on samples a minute that leaves the least. */
export interface RateLimit {
  limit: number;
  remaining: number;
}

export interface Test {
  id: string;
  url: string;
  /** Null of a test from before it was kept. */
  target: Target | null;
  /** `running` until every city has reached a terminal state. */
  state: string;
  created_at: string;
  deadline_at: string;
  cities: City[];
}

/** What happened to a city between two tests; of several the first that holds, and so are cities sorted. */
export const CHANGES = [
  'failed',
  'moved',
  'recovered',
  'pending',
  'no_data',
  'before_only',
  'after_only',
  'unchanged',
] as const;
export type Change = (typeof CHANGES)[number];

/** After less before; null where one side has no such time. */
export type TimingsDelta = Record<
  `${Phase}_us` | 'other_us' | 'ttfb_us' | 'total_us',
  number | null
>;

export interface ComparedCity {
  agent_id: string;
  change: Change;
  /** Another edge answered; null where it is not known who answered both times. */
  moved: boolean | null;
  delta: TimingsDelta;
  /** At least one of the two. */
  before: City | null;
  after: City | null;
}

export interface ComparedTest {
  id: string;
  url: string;
  target: Target | null;
  state: string;
  created_at: string;
}

export interface HeaderChange {
  name: string;
  /** Null: it was not there. */
  before: string | null;
  after: string | null;
  /** Where it changed in this way. */
  agent_ids: string[];
}

/** A header that most cities of a test agree about, and others do not. */
export interface HeaderDifference {
  name: string;
  /** The most frequent first. */
  values: { value: string | null; agent_ids: string[] }[];
}

export interface Comparison {
  before: ComparedTest;
  after: ComparedTest;
  /** The same URL, asked for in the same way. */
  same_target: boolean;
  headers: { changes: HeaderChange[]; differences: HeaderDifference[] };
  cities: ComparedCity[];
}

/** A test in short, as a list of them tells it. */
export interface PastTest {
  id: string;
  target: Target;
  state: string;
  created_at: string;
  /** How many there are, and how many ended how. */
  cities: number;
  finished: number;
  failed: number;
  offline: number;
  timed_out: number;
  /** Of those that finished: with a status below 400. The times are of these. */
  succeeded: number;
  median_ttfb_us: number | null;
  fastest_ttfb_us: number | null;
  slowest_ttfb_us: number | null;
}

/** Tests of one URL, the newest first. */
export interface History {
  tests: PastTest[];
  /** By which to ask for what comes next; null at the end. */
  older_than: string | null;
}

export type TestEvent =
  { type: 'snapshot'; test: Test } | { type: 'city'; update: CityUpdate } | { type: 'done' };

/** What an agent said last of its spool. */
export interface Spool {
  results: number;
  bytes: number;
  oldest_measured_at: string | null;
  /** How old the oldest result was at `reported_at`. */
  oldest_age_us: number | null;
  /** In gaps of its present boot. */
  lost_results: number;
  /** Why results are not durable at present. */
  error: string | null;
  set_aside_at: string | null;
  reported_at: string;
}

/** Consecutive results of one boot of an agent that never arrived. */
export interface Gap {
  boot: string;
  first_sequence: number;
  last_sequence: number;
  count: number;
  /** One of the API's words for it, or one that this page does not know yet. */
  reason: string;
  recorded_at: string | null;
  received_at: string;
}

/** The agent's clock, or the collector's, was set. */
export interface ClockStep {
  at: string;
  by_us: number;
  error_us: number;
}

export interface AgentStatus {
  agent: Agent;
  state: string;
  connected_since: string | null;
  last_seen_at: string | null;
  last_result_at: string | null;
  clock_offset_us: number | null;
  clock_error_us: number | null;
  clock_at: string | null;
  clock_steps: ClockStep[];
  spool: Spool | null;
  /** Known to be missing; null where the collector does not say it. */
  lost_results: number | null;
  gaps: Gap[];
}

/** How the last probe of a check ended in a city; without data it is neither up nor down. Worst first. */
export const CHECK_STATES = ['failed', 'no_data', 'finished'] as const;
export type CheckState = (typeof CHECK_STATES)[number];

/** What became of the times at which a probe was due. */
export interface Slots {
  expected: number;
  stored: number;
  /** Of the stored: those whose probe started well after its slot. */
  late: number;
  /** Nothing started, as the agent says. */
  skipped: number;
  /** The rest: on its way, lost, or not told. */
  no_data: number;
}

/** A result of a check, in short. */
export interface CheckResult {
  scheduled_at: string;
  measured_at: string;
  status: number | null;
  ttfb_us: number | null;
  failure: Pick<Failure, 'message'> | null;
}

export interface CheckedCity {
  agent: Agent;
  state: CheckState;
  /** Since when slots are counted. */
  since: string;
  slots: Slots;
  /** What came last; null where nothing has. */
  last: CheckResult | null;
}

/** A URL that is probed on a schedule, with those cities that have been assigned it. */
export interface Check {
  name: string;
  url: string;
  interval_us: number;
  cities: CheckedCity[];
}

/** Where an edge of the operator's stands. */
export interface EdgeEntry extends EdgeLocation {
  /** What the header says, in whatever case. */
  id: string;
}

/** A header, and which part of its value is the edge. */
export interface EdgeRule {
  header: string;
  /** Either a word for the part, or a regular expression. */
  take: string | null;
  pattern: string | null;
  /** "airport": the first letters of the edge's name are an airport's code. */
  location: string | null;
  builtin: boolean;
}

export interface EdgeCatalogue {
  /** In the order in which they are tried. */
  rules: EdgeRule[];
  edges: EdgeEntry[];
}

export interface Info {
  version: string;
  default_url: string;
  /** What a viewer must know about this installation; empty where there is nothing to say. */
  notice: string;
  /** Who may read and test: everybody, or whoever has a token. Null where an older collector does not say it. */
  access: 'public' | 'token' | null;
}

/** RFC 9457. */
export interface Problem {
  title: string;
  detail: string | null;
  /** JSON pointer to the member of the request that was refused. */
  field: string | null;
}
