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
 * saw it begin and end. What did not happen is null.
 */
export type Timings = Record<`${Phase}_us`, number | null> &
  Record<`${Phase}_since_start_us`, number | null> &
  Record<`${Phase}_own_us`, number | null> &
  Record<`${Phase}_clock`, 'kernel' | 'agent' | null> & {
    /** Time spent in the agent itself; the phases and this add up to the total. */
    other_us: number | null;
    ttfb_us: number | null;
    total_us: number | null;
  };

export interface DnsFacts {
  resolver: string | null;
  addresses: { address: string; ttl_s: number | null }[];
  cnames: string[];
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
}

export interface Failure {
  /** Null where no phase was reached. */
  phase: Phase | null;
  origin: string;
  cause: string;
  message: string;
}

export interface CityResult {
  agent: Agent;
  state: TerminalState;
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
  /** In the order received, names in lower case; a name may repeat. */
  headers: [name: string, value: string][];
  headers_truncated: boolean;
  dns: DnsFacts | null;
  tls: TlsFacts | null;
  tcp: TcpFacts | null;
  failure: Failure | null;
  measured_at: string | null;
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
}

export interface City extends CityUpdate {
  agent: Agent;
}

export interface Test {
  id: string;
  url: string;
  /** `running` until every city has reached a terminal state. */
  state: string;
  created_at: string;
  deadline_at: string;
  cities: City[];
}

export type TestEvent =
  { type: 'snapshot'; test: Test } | { type: 'city'; update: CityUpdate } | { type: 'done' };

export interface AgentStatus {
  agent: Agent;
  state: string;
}

export interface Info {
  version: string;
  default_url: string;
  /** What a viewer must know about this installation; empty where there is nothing to say. */
  notice: string;
}

/** RFC 9457. */
export interface Problem {
  title: string;
  detail: string | null;
  /** JSON pointer to the member of the request that was refused. */
  field: string | null;
}
