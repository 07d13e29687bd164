import type { Client } from '../api/client';
import { failure, success } from '../api/result';
import { decodeChecks, decodeEdges, decodeHistory } from '../api/decode';
import type { AgentStatus, Info, Test, TestRequest } from '../api/types';
import { golden, goldenComparison, goldenTest } from './goldens';

/** A collector that knows the golden test, and keeps what it was asked. */
export function fakeClient(
  overrides: Partial<Client> = {},
): Client & { started: string[]; requests: TestRequest[] } {
  const started: string[] = [];
  const requests: TestRequest[] = [];
  return {
    started,
    requests,
    startTest: async (asked) => {
      started.push(asked.url);
      requests.push(asked);
      return success<Test>({ ...goldenTest(), url: asked.url });
    },
    rateLimit: () => null,
    getTest: async (id) =>
      id === goldenTest().id ? success(goldenTest()) : failure(`there is no test ${id}`),
    compare: async () => success(goldenComparison()),
    getInfo: async () => success(golden('info.json') as Info),
    getAgents: async () => success((golden('agents.json') as { agents: AgentStatus[] }).agents),
    getChecks: async () => success(decodeChecks(golden('targets.json')) ?? []),
    getHistory: async () =>
      success(decodeHistory(golden('history.json')) ?? { tests: [], older_than: null }),
    getEdges: async () => success(decodeEdges(golden('edges.json')) ?? { rules: [], edges: [] }),
    signIn: async () => success(undefined),
    signOut: async () => success(undefined),
    ...overrides,
  };
}
