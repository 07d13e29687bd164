import {
  PHASES,
  type AgentStatus,
  type City,
  type CityUpdate,
  type Comparison,
  type PastTest,
  type Target,
  type Test,
} from './types';

/*
 * What has come after the first version is absent from what an older collector says. Each function
 * takes what its decoder has found to fit, and fills in null, or an empty list, for what is missing.
 */

export type Json = Record<string, unknown>;

export function completeTest(test: Json): Test {
  const cities = (test.cities as Json[]).map(completeUpdate) as City[];
  return {
    ...test,
    target: completeTarget(test.target as Json | null | undefined),
    cities,
  } as Test;
}

export function completeComparison(comparison: Json): Comparison {
  const test = (one: unknown) => {
    const { target, ...rest } = one as Json;
    return { ...rest, target: completeTarget(target as Json | null | undefined) };
  };
  const side = (city: unknown) => (city === null ? null : completeUpdate(city as Json));
  return {
    ...comparison,
    before: test(comparison.before),
    after: test(comparison.after),
    cities: (comparison.cities as Json[]).map((city) => ({
      ...city,
      before: side(city.before),
      after: side(city.after),
    })),
  } as unknown as Comparison;
}

export function completePastTest(test: Json): PastTest {
  return {
    median_ttfb_us: null,
    fastest_ttfb_us: null,
    slowest_ttfb_us: null,
    ...test,
    target: completeTarget(test.target as Json),
  } as unknown as PastTest;
}

export function completeUpdate(update: Json): CityUpdate {
  const result = update.result && completeResult(update.result as Json);
  const late = update.late ? completeResult(update.late as Json) : null;
  return { ...update, result, late } as unknown as CityUpdate;
}

function completeResult(result: Json): Json {
  return { corrected_at: null, ...completeMeasurement(result) };
}

export function completeAgent(status: Json): AgentStatus {
  return {
    connected_since: null,
    last_seen_at: null,
    last_result_at: null,
    clock_offset_us: null,
    clock_error_us: null,
    clock_at: null,
    clock_steps: [],
    spool: null,
    lost_results: null,
    gaps: [],
    ...status,
  } as unknown as AgentStatus;
}

const MEASUREMENT = {
  url: null,
  edge_rule: null,
  edge_location: null,
  body_bytes: null,
  body_truncated: false,
  dns: null,
  tls: null,
  tcp: null,
  family: null,
  reuse: null,
  self_check: null,
};

const TIMINGS = {
  other_within_us: null,
  other_after_us: null,
  ...Object.fromEntries(PHASES.map((phase) => [`other_before_${phase}_us`, null])),
};

function completeMeasurement(measurement: Json): Json {
  const list = (part: unknown) => ((part ?? []) as Json[]).map(completeMeasurement);
  return {
    ...MEASUREMENT,
    ...measurement,
    timings: { ...TIMINGS, ...(measurement.timings as Json) },
    dns: complete(measurement.dns, { omitted: 0, transport: null }),
    tls: complete(measurement.tls, { resumed: null }),
    failure: complete(measurement.failure, { tls_alert: null }),
    self_check: complete(measurement.self_check, {
      overloaded: null,
      clock_stepped: null,
      control: null,
    }),
    redirects: list(measurement.redirects),
    samples: list(measurement.samples),
  };
}

/** What is asked for where nothing else is said. */
export const USUAL_TARGET: Target = {
  method: 'GET',
  request_headers: [],
  body: null,
  http_version: 'auto',
  family: 'any',
  connect_to: null,
  resolver: null,
  max_redirects: 0,
  reuse: 'cold',
  samples: 1,
  timeout_ms: 10_000,
  limits_ms: { dns: null, connect: null, tls: null, wait: null, transfer: null },
  expect: { status: null, headers: {}, certificate_days: null, ttfb_ms: null },
};

function completeTarget(target: Json | null | undefined): Target | null {
  if (!target) return null;
  return {
    ...USUAL_TARGET,
    ...target,
    limits_ms: { ...USUAL_TARGET.limits_ms, ...(target.limits_ms as Partial<Target['limits_ms']>) },
    expect: { ...USUAL_TARGET.expect, ...(target.expect as Partial<Target['expect']>) },
  };
}

function complete(part: unknown, missing: object): Json | null {
  return part ? { ...missing, ...part } : null;
}
