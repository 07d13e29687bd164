import { decodeAgents, decodeInfo, decodeProblem, decodeTest } from './decode';
import { failure, success, type Result } from './result';
import type { AgentStatus, Info, Test } from './types';

const TIMEOUT_SECONDS = 15;

export interface Client {
  startTest(url: string): Promise<Result<Test>>;
  getTest(id: string): Promise<Result<Test>>;
  getInfo(): Promise<Result<Info>>;
  getAgents(): Promise<Result<AgentStatus[]>>;
}

/** Speaks with the collector that served the page. Never throws: a failure is a value. */
export function createClient(send: typeof fetch = (...args) => fetch(...args)): Client {
  async function request<T>(
    path: string,
    decode: (value: unknown) => T | null,
    init: RequestInit = {},
  ): Promise<Result<T>> {
    let response: Response;
    try {
      response = await send(path, { ...init, signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000) });
    } catch (error) {
      return failure(describeNetworkError(error));
    }
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) return describeProblem(response, body);
    const value = decode(body);
    return value === null
      ? failure('The collector answered with something this page does not understand.')
      : success(value);
  }

  return {
    startTest: (url) =>
      request('/api/v1/tests', decodeTest, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url }),
      }),
    getTest: (id) => request(testAddress(id), decodeTest),
    getInfo: () => request('/api/v1/info', decodeInfo),
    getAgents: () => request('/api/v1/agents', decodeAgents),
  };
}

export function testAddress(id: string): string {
  return `/api/v1/tests/${encodeURIComponent(id)}`;
}

function describeNetworkError(error: unknown): string {
  return error instanceof DOMException && error.name === 'TimeoutError'
    ? `The collector did not answer within ${TIMEOUT_SECONDS} seconds.`
    : 'The collector could not be reached.';
}

function describeProblem(response: Response, body: unknown): Result<never> {
  const problem = decodeProblem(body);
  if (problem !== null) return failure(problem.detail ?? problem.title, problem.field);
  return failure(`The collector answered ${response.status} ${response.statusText}`.trim() + '.');
}
