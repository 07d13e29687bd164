import type {
  City,
  CityResult,
  ControlCheck,
  Exchange,
  Failure,
  Measurement,
  SelfCheck,
  Timings,
} from '../api/types';
import { goldenCity } from './goldens';

/** The golden New York's answer over HTTPS, asked once, by an agent that was well. */
export function answer(overrides: Partial<CityResult> = {}): CityResult {
  const { result } = goldenCity('new-york');
  if (!result) throw new Error('the golden New York has no result');
  return {
    ...result,
    url: null, // as from a collector that does not tell
    timings: timings(),
    tls: result.tls && { ...result.tls, resumed: false },
    dns: result.dns && { ...result.dns, transport: 'udp' },
    body_bytes: 512,
    body_truncated: false,
    family: 'any',
    reuse: 'cold',
    self_check: selfCheck(),
    redirects: [],
    samples: [],
    ...overrides,
  };
}

export function cityOf(overrides: Partial<CityResult> = {}): City {
  const result = answer(overrides);
  return { ...goldenCity('new-york'), state: result.state, result };
}

/** A redirect or a sample. */
export function exchange(url: string, overrides: Partial<Measurement> = {}): Exchange {
  return { ...answer(), ...overrides, url };
}

export function redirectTo(location: string, url: string): Exchange {
  return exchange(url, { status: 301, headers: [['location', location]], edge: null });
}

/** Every gap has a length of its own; together they are `other_us`. */
export function timings(overrides: Partial<Timings> = {}): Timings {
  return {
    dns_us: 8230,
    connect_us: 8080,
    tls_us: 7900,
    wait_us: 8680,
    transfer_us: 125,
    other_us: 1095,
    ttfb_us: 33980,
    total_us: 34110,
    dns_since_start_us: 8350,
    connect_since_start_us: 16500,
    tls_since_start_us: 25100,
    wait_since_start_us: 33980,
    transfer_since_start_us: 34105,
    dns_own_us: 0,
    connect_own_us: 0,
    tls_own_us: 300,
    wait_own_us: 0,
    transfer_own_us: 0,
    dns_clock: 'kernel',
    connect_clock: 'agent',
    tls_clock: 'kernel',
    wait_clock: 'kernel',
    transfer_clock: 'kernel',
    other_before_dns_us: 120,
    other_before_connect_us: 70,
    other_before_tls_us: 400,
    other_before_wait_us: 200,
    other_before_transfer_us: 0,
    other_within_us: 300,
    other_after_us: 5,
    ...overrides,
  };
}

/** Nothing of a phase, as where it did not happen. */
export function without(phase: 'dns' | 'connect' | 'tls' | 'wait' | 'transfer'): Partial<Timings> {
  return {
    [`${phase}_us`]: null,
    [`${phase}_since_start_us`]: null,
    [`${phase}_own_us`]: null,
    [`${phase}_clock`]: null,
    [`other_before_${phase}_us`]: null,
  };
}

export function selfCheck(overrides: Partial<SelfCheck> = {}): SelfCheck {
  return { loop_lag_us: 310, overloaded: false, clock_stepped: false, control: null, ...overrides };
}

export function controlCheck(overrides: Partial<ControlCheck> = {}): ControlCheck {
  return {
    url: 'https://control.example/',
    measured_at: '2026-11-23T03:09:58.000000Z',
    ttfb_us: 3210,
    cause: null,
    ...overrides,
  };
}

export function failureOf(overrides: Partial<Failure> = {}): Failure {
  return {
    phase: 'tls',
    origin: 'target',
    cause: 'alert',
    message: 'the server ended the handshake with alert 112',
    tls_alert: 112,
    ...overrides,
  };
}
