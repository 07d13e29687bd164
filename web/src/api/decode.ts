import {
  completeAgent,
  completeComparison,
  completePastTest,
  completeTest,
  completeUpdate,
  type Json,
} from './complete';
import {
  CHANGES,
  CHECK_STATES,
  CITY_STATES,
  type AgentStatus,
  type Check,
  type Comparison,
  type EdgeCatalogue,
  type History,
  type Info,
  type Problem,
  type Test,
  type TestEvent,
} from './types';

/*
 * Each decoder gives null for what does not have the expected shape. They check what the page leans
 * on, so that a proxy's error page or another version's answer becomes a sentence, not a crash.
 * What only an older collector leaves out is filled in.
 */

export function decodeTest(value: unknown): Test | null {
  const fits =
    isObject(value) &&
    isString(value.id) &&
    isString(value.url) &&
    isString(value.state) &&
    isString(value.created_at) &&
    (isAbsent(value.target) || isTarget(value.target)) &&
    isListOf(value.cities, (city) => isCityUpdate(city) && isAgent(city.agent));
  return fits ? completeTest(value) : null;
}

export function decodeComparison(value: unknown): Comparison | null {
  const fits =
    isObject(value) &&
    isComparedTest(value.before) &&
    isComparedTest(value.after) &&
    typeof value.same_target === 'boolean' &&
    isHeaderComparison(value.headers) &&
    isListOf(value.cities, isComparedCity);
  return fits ? completeComparison(value) : null;
}

export function decodeHistory(value: unknown): History | null {
  const fits =
    isObject(value) &&
    isListOf(value.tests, isPastTest) &&
    (value.older_than === null || isString(value.older_than));
  if (!fits) return null;
  const { tests, older_than } = value as { tests: Json[]; older_than: string | null };
  return { tests: tests.map(completePastTest), older_than };
}

export function decodeInfo(value: unknown): Info | null {
  const fits =
    isObject(value) &&
    isString(value.version) &&
    isString(value.default_url) &&
    isString(value.notice) &&
    (isAbsent(value.access) || isString(value.access));
  return fits ? ({ access: null, ...value } as unknown as Info) : null;
}

export function decodeAgents(value: unknown): AgentStatus[] | null {
  const fits =
    isObject(value) &&
    isListOf(
      value.agents,
      (entry) => isAgent(entry.agent) && isString(entry.state) && isCondition(entry),
    );
  return fits ? (value.agents as Json[]).map(completeAgent) : null;
}

export function decodeChecks(value: unknown): Check[] | null {
  const fits =
    isObject(value) &&
    isListOf(
      value.targets,
      ({ name, interval_us, target, cities }) =>
        isString(name) &&
        typeof interval_us === 'number' &&
        isObject(target) &&
        isString(target.url) &&
        isListOf(cities, isCheckedCity),
    );
  return fits ? (value.targets as Json[]).map(checkOf) : null;
}

export function decodeEdges(value: unknown): EdgeCatalogue | null {
  const fits =
    isObject(value) &&
    isListOf(value.rules, (rule) => isString(rule.header)) &&
    isListOf(value.edges, (edge) => isString(edge.id) && isLocation(edge));
  return fits ? (value as unknown as EdgeCatalogue) : null;
}

export function decodeProblem(value: unknown): Problem | null {
  if (!isObject(value) || !isString(value.title)) return null;
  return {
    title: value.title,
    detail: isString(value.detail) ? value.detail : null,
    field: isString(value.field) ? value.field : null,
  };
}

export function decodeEvent(type: TestEvent['type'], data: string): TestEvent | null {
  const value = parse(data);
  if (type === 'snapshot') {
    const test = decodeTest(value);
    return test && { type, test };
  }
  if (type === 'city') {
    return isCityUpdate(value) ? { type, update: completeUpdate(value) } : null;
  }
  return isObject(value) ? { type } : null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isTarget(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { request_headers = [], limits_ms = {}, expect = {} } = value;
  return (
    Array.isArray(request_headers) &&
    isObject(limits_ms) &&
    isObject(expect) &&
    (expect.headers === undefined || isObject(expect.headers))
  );
}

function isCityUpdate(value: unknown): value is Json {
  return (
    isObject(value) &&
    isString(value.agent_id) &&
    (CITY_STATES as readonly unknown[]).includes(value.state) &&
    (value.result === null || isMeasurement(value.result)) &&
    (isAbsent(value.late) || isMeasurement(value.late))
  );
}

function isComparedTest(value: unknown): boolean {
  return (
    isObject(value) &&
    isString(value.id) &&
    isString(value.url) &&
    isString(value.state) &&
    isString(value.created_at) &&
    (isAbsent(value.target) || isTarget(value.target))
  );
}

function isPastTest({ id, target, state, created_at, ...counts }: Json): boolean {
  return (
    isString(id) &&
    isTarget(target) &&
    isString(state) &&
    isString(created_at) &&
    ['cities', 'finished', 'failed', 'offline', 'timed_out', 'succeeded'].every(
      (count) => typeof counts[count] === 'number',
    )
  );
}

function isComparedCity({ agent_id, change, delta, before, after }: Json): boolean {
  const isSide = (side: unknown) => side === null || (isCityUpdate(side) && isAgent(side.agent));
  return (
    isString(agent_id) &&
    (CHANGES as readonly unknown[]).includes(change) &&
    isObject(delta) &&
    isSide(before) &&
    isSide(after) &&
    (before !== null || after !== null)
  );
}

function isHeaderComparison(value: unknown): boolean {
  return (
    isObject(value) &&
    isListOf(value.changes, (one) => isString(one.name) && Array.isArray(one.agent_ids)) &&
    isListOf(
      value.differences,
      (one) =>
        isString(one.name) && isListOf(one.values, (group) => Array.isArray(group.agent_ids)),
    )
  );
}

function isCondition({ spool, gaps = [], clock_steps = [] }: Json): boolean {
  return (
    (isAbsent(spool) || (isObject(spool) && typeof spool.results === 'number')) &&
    isListOf(gaps, (gap) => typeof gap.count === 'number' && isString(gap.reason)) &&
    isListOf(clock_steps, (step) => isString(step.at) && typeof step.by_us === 'number')
  );
}

function isCheckedCity({ agent, state, since, slots, last }: Json): boolean {
  return (
    isAgent(agent) &&
    (CHECK_STATES as readonly unknown[]).includes(state) &&
    isString(since) &&
    isObject(slots) &&
    ['expected', 'stored', 'late', 'skipped', 'no_data'].every(
      (kind) => typeof slots[kind] === 'number',
    ) &&
    (last === null || (isObject(last) && isString(last.measured_at)))
  );
}

function checkOf({ name, interval_us, target, cities }: Json): Check {
  return { name, url: (target as Json).url, interval_us, cities } as Check;
}

function isMeasurement(value: unknown): boolean {
  return (
    isObject(value) &&
    (isAbsent(value.url) || isString(value.url)) &&
    isObject(value.timings) &&
    (value.rating === null || isString(value.rating)) &&
    (isAbsent(value.edge_location) || isLocation(value.edge_location)) &&
    Array.isArray(value.headers) &&
    (value.failure === null || (isObject(value.failure) && isString(value.failure.message))) &&
    (isAbsent(value.self_check) || isSelfCheck(value.self_check)) &&
    (isAbsent(value.redirects) || isListOf(value.redirects, isExchange)) &&
    (isAbsent(value.samples) || isListOf(value.samples, isExchange))
  );
}

function isExchange(value: Json): boolean {
  return isString(value.url) && isMeasurement(value);
}

function isLocation(value: unknown): boolean {
  return (
    isObject(value) &&
    isString(value.city) &&
    isString(value.country) &&
    typeof value.latitude === 'number' &&
    typeof value.longitude === 'number'
  );
}

function isSelfCheck(value: unknown): boolean {
  return (
    isObject(value) &&
    typeof value.loop_lag_us === 'number' &&
    (isAbsent(value.control) || (isObject(value.control) && isString(value.control.url)))
  );
}

function isAgent(value: unknown): boolean {
  return isObject(value) && isString(value.id) && isString(value.city) && isString(value.country);
}

function isListOf(value: unknown, fits: (entry: Json) => boolean): boolean {
  return Array.isArray(value) && value.every((entry) => isObject(entry) && fits(entry));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}
