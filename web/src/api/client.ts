import { messages } from '../i18n/language.svelte';
import {
  decodeAgents,
  decodeChecks,
  decodeComparison,
  decodeEdges,
  decodeHistory,
  decodeInfo,
  decodeProblem,
  decodeTest,
} from './decode';
import { failure, success, type Failed, type Result, type Sentence } from './result';
import type {
  AgentStatus,
  Check,
  Comparison,
  EdgeCatalogue,
  History,
  Info,
  RateLimit,
  Test,
  TestRequest,
} from './types';

const TIMEOUT_SECONDS = 15;
/** Of a history: as many tests as the API gives at once. */
const PAGE = 100;
const SESSION = '/api/v1/session';

export interface Client {
  startTest(asked: TestRequest): Promise<Result<Test>>;
  /** As the collector said with the last test that was asked for; null before one, and without limits. */
  rateLimit(): RateLimit | null;
  getTest(id: string): Promise<Result<Test>>;
  compare(before: string, after: string): Promise<Result<Comparison>>;
  /** Tests of exactly this URL, older than the one with this id. */
  getHistory(url: string, olderThan: string | null): Promise<Result<History>>;
  getInfo(): Promise<Result<Info>>;
  getAgents(): Promise<Result<AgentStatus[]>>;
  getChecks(): Promise<Result<Check[]>>;
  getEdges(): Promise<Result<EdgeCatalogue>>;
  /** From then on the browser sends a cookie that stands for the token; scripts cannot read it. */
  signIn(token: string): Promise<Result<void>>;
  signOut(): Promise<Result<void>>;
}

/** Speaks with the collector that served the page. Never throws: a failure is a value. */
export function createClient(send: typeof fetch = (...args) => fetch(...args)): Client {
  let limit: RateLimit | null = null;

  async function ask(path: string, init: RequestInit): Promise<Result<Response>> {
    try {
      const signal = AbortSignal.timeout(TIMEOUT_SECONDS * 1000);
      const response = await send(path, { ...init, signal });
      limit = limitOf(response) ?? limit;
      return success(response);
    } catch (error) {
      return temporary(failure(describeNetworkError(error)));
    }
  }

  async function request<T>(
    path: string,
    decode: (value: unknown) => T | null,
    init: RequestInit = {},
  ): Promise<Result<T>> {
    const asked = await ask(path, init);
    if (!asked.ok) return asked;
    const response = asked.value;
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) return describeProblem(response, body);
    const value = decode(body);
    return value === null ? failure(() => messages().collector.notUnderstood) : success(value);
  }

  /** For answers without a body. */
  async function change(path: string, init: RequestInit): Promise<Result<void>> {
    const asked = await ask(path, init);
    if (!asked.ok) return asked;
    if (asked.value.ok) return success(undefined);
    return describeProblem(asked.value, await asked.value.json().catch(() => undefined));
  }

  return {
    startTest: (asked) => request('/api/v1/tests', decodeTest, post(asked)),
    rateLimit: () => limit,
    getTest: (id) => request(testAddress(id), decodeTest),
    compare: (before, after) => request(comparisonAddress(before, after), decodeComparison),
    getHistory: (url, olderThan) => request(historyAddress(url, olderThan), decodeHistory),
    getInfo: () => request('/api/v1/info', decodeInfo),
    getAgents: () => request('/api/v1/agents', decodeAgents),
    getEdges: () => request('/api/v1/edges', decodeEdges),
    getChecks: () => request('/api/v1/targets', decodeChecks),
    signIn: (token) => change(SESSION, post({ token })),
    signOut: () => change(SESSION, { method: 'DELETE' }),
  };
}

function post(body: object): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

export function testAddress(id: string): string {
  return `/api/v1/tests/${encodeURIComponent(id)}`;
}

export function comparisonAddress(before: string, after: string): string {
  return `/api/v1/comparisons?${new URLSearchParams({ before, after })}`;
}

function historyAddress(url: string, olderThan: string | null): string {
  const query = new URLSearchParams({ url, limit: `${PAGE}` });
  if (olderThan !== null) query.set('older_than', olderThan);
  return `/api/v1/tests?${query}`;
}

/** It comes with the answer to a test, whether that was started or refused for the limit. */
function limitOf({ headers }: Response): RateLimit | null {
  const limit = headers.get('X-RateLimit-Limit');
  const remaining = headers.get('X-RateLimit-Remaining');
  if (limit === null || remaining === null) return null;
  return { limit: Number(limit), remaining: Number(remaining) };
}

function describeNetworkError(error: unknown): Sentence {
  return error instanceof DOMException && error.name === 'TimeoutError'
    ? () => messages().collector.silent(TIMEOUT_SECONDS)
    : () => messages().collector.unreachable;
}

function temporary(failed: Failed): Failed {
  return { ...failed, error: { ...failed.error, temporary: true } };
}

function describeProblem(response: Response, body: unknown): Failed {
  const failed = describeRefusal(response, body);
  const again = response.status >= 500 || response.status === 429;
  return again ? temporary(failed) : failed;
}

function describeRefusal(response: Response, body: unknown): Failed {
  const problem = decodeProblem(body);
  if (problem !== null) {
    const told = failure(problem.detail ?? problem.title, problem.field);
    if (response.status === 401) told.error.needsToken = true;
    return told;
  }
  const status = `${response.status} ${response.statusText}`.trim();
  return failure(() => messages().collector.status(status));
}
