import { expect, test } from 'vitest';
import type { Client } from '../api/client';
import { decodeTest } from '../api/decode';
import { failure, success, type Result } from '../api/result';
import type { AgentStatus, Test } from '../api/types';
import type { Watcher } from '../api/watch';
import { fakeClient } from '../testing/fake-client';
import { golden, goldenComparison, goldenTest } from '../testing/goldens';
import { Session } from './session.svelte';

const PATH = '/tests/0k3v9x2m7qf5d';

function sessionWith(overrides: Partial<Client> = {}) {
  const client = fakeClient(overrides);
  const paths: string[] = [];
  const feed: { id: string | null; watcher: Watcher | null } = { id: null, watcher: null };
  const pauses: (() => void)[] = [];
  const session = new Session({
    client,
    watch: (id, watcher) => {
      Object.assign(feed, { id, watcher });
      return () => (feed.watcher = null);
    },
    navigate: (path) => paths.push(path),
    pause: () => new Promise((resume) => pauses.push(resume)),
    now: () => new Date('2026-11-23T06:06:00Z'),
  });
  return { session, client, paths, feed, pauses };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

test('the first view offers the default URL', async () => {
  const { session } = sessionWith();
  await session.open('/');
  expect(session.url).toBe('https://www.firstbyte.test:8443/');
});

test('the first view shows the agents', async () => {
  const { session } = sessionWith();
  await session.open('/');
  expect(session.agents?.map((entry) => entry.agent.city)).toEqual(['New York', 'São Paulo']);
});

test('what the reader has typed is not overwritten by the default', async () => {
  const { session } = sessionWith();
  session.url = 'https://typed.example/';
  await session.open('/');
  expect(session.url).toBe('https://typed.example/');
});

test('a test’s address shows the test and offers its URL', async () => {
  const { session } = sessionWith();
  await session.open(PATH);
  expect(session.test).toEqual(goldenTest());
  expect(session.url).toBe('https://www.example.net/');
});

test('a running test at its address is followed', async () => {
  const { session, feed } = sessionWith();
  await session.open(PATH);
  expect(feed.id).toBe('0k3v9x2m7qf5d');
});

test('a test that is done is not followed', async () => {
  const getTest = async () => success<Test>({ ...goldenTest(), state: 'done' });
  const { session, feed } = sessionWith({ getTest });
  await session.open(PATH);
  expect(feed.id).toBeNull();
  expect(session.busy).toBe(false);
});

test('an unknown test is told, and the form stays usable', async () => {
  const { session } = sessionWith();
  await session.open('/tests/unknown');
  expect(session.testError).toBe('there is no test unknown');
  expect(session.busy).toBe(false);
  expect(session.url).toBe('https://www.firstbyte.test:8443/');
});

test('a started test fills the rows from the answer itself', async () => {
  const { session } = sessionWith();
  session.url = ' https://www.example.net/ ';
  await session.start();
  expect(session.test?.cities).toHaveLength(4);
});

test('the URL is sent without the blanks around it', async () => {
  const { session, client } = sessionWith();
  session.url = ' https://www.example.net/ ';
  await session.start();
  expect(client.started).toEqual(['https://www.example.net/']);
});

test('a bare host is asked by https, and the field says so', async () => {
  const { session, client } = sessionWith();
  session.url = 'www.firstbyte.test:8443';
  await session.start();
  expect(client.started).toEqual(['https://www.firstbyte.test:8443/']);
  expect(session.url).toBe('https://www.firstbyte.test:8443/');
});

test('what is no URL is refused in place, without asking the collector', async () => {
  const { session, client } = sessionWith();
  session.url = 'https://www.example.net:99999/';
  await session.start();
  expect(session.startError?.field).toBe('/url');
  expect(session.busy).toBe(false);
  expect(client.started).toEqual([]);
});

test('a new target is offered, not started', async () => {
  const { session, client } = sessionWith();
  session.retarget('https://other.example/');
  expect(session.url).toBe('https://other.example/');
  expect(client.started).toEqual([]);
});

test('a collector that cannot be reached is told, with since when', async () => {
  let reachable = true;
  const { session } = sessionWith({
    getAgents: async () =>
      reachable
        ? success((golden('agents.json') as { agents: AgentStatus[] }).agents)
        : failure('x'),
  });
  await session.open('/');
  expect(session.unreachableSince).toBeNull();
  reachable = false;
  await session.refreshAgents();
  expect(session.unreachableSince).toBe('2026-11-23T06:06:00.000Z');
  reachable = true;
  await session.refreshAgents();
  expect(session.unreachableSince).toBeNull();
});

test('beside a test the agents are asked for once, for its options, and not again', async () => {
  let asked = 0;
  const { session } = sessionWith({
    getAgents: async () => {
      asked += 1;
      return success<AgentStatus[]>([]);
    },
  });
  await session.open(PATH);
  await session.refreshAgents();
  expect(asked).toBe(1);
});

test('a started test takes the address bar', async () => {
  const { session, paths } = sessionWith();
  await session.start();
  expect(paths).toEqual([PATH]);
});

test('while a test runs no other is started', async () => {
  const { session, client } = sessionWith();
  await session.start();
  await session.start();
  expect(client.started).toHaveLength(1);
});

test('a refused test leaves the result before it in place', async () => {
  const getTest = async () => success<Test>({ ...goldenTest(), state: 'done' });
  const startTest = async () => failure('not ftp', '/url');
  const { session, paths } = sessionWith({ getTest, startTest });
  await session.open(PATH);
  await session.start();
  expect(session.startError).toEqual({ sentence: 'not ftp', field: '/url' });
  expect(session.test?.cities).toHaveLength(4);
  expect(paths).toEqual([]);
});

test('done ends the run', async () => {
  const { session, feed } = sessionWith();
  await session.start();
  feed.watcher?.onEvent({ type: 'done' });
  expect(session.busy).toBe(false);
  expect(feed.watcher).toBeNull();
});

test('a snapshot of a test that is done ends the run, too', async () => {
  const { session, feed } = sessionWith();
  await session.start();
  feed.watcher?.onEvent({ type: 'snapshot', test: { ...goldenTest(), state: 'done' } });
  expect(session.busy).toBe(false);
});

test('a broken feed is told until it is up again', async () => {
  const { session, feed } = sessionWith();
  await session.start();
  feed.watcher?.onReconnecting();
  const during = session.feed;
  feed.watcher?.onOpen();
  expect([during, session.feed]).toEqual(['reconnecting', 'live']);
});

test('a feed that is lost once the test is done is not missed', async () => {
  const getTest = async () => success<Test>({ ...goldenTest(), state: 'done' });
  const { session, feed, pauses } = sessionWith({ getTest });
  await session.start();
  feed.watcher?.onLost();
  await settled();
  expect([session.feed, session.test?.state, session.busy]).toEqual(['none', 'done', false]);
  expect(pauses).toEqual([]);
});

test('a feed that is lost while the test runs is asked for again', async () => {
  const { session, feed, pauses } = sessionWith();
  await session.start();
  feed.watcher?.onLost();
  await settled();
  expect([session.feed, feed.watcher]).toEqual(['reconnecting', null]);
  pauses.pop()?.();
  await settled();
  feed.watcher?.onOpen();
  expect(session.feed).toBe('live');
});

test('a collector that is away is asked until it is back', async () => {
  const answers: Result<Test>[] = [
    { ok: false, error: { sentence: '502', field: null, temporary: true } },
    success(goldenTest()),
  ];
  const { session, feed, pauses } = sessionWith({ getTest: async () => answers.shift()! });
  await session.start();
  feed.watcher?.onLost();
  await settled();
  expect([session.feed, session.testError]).toEqual(['reconnecting', null]);
  pauses.pop()?.();
  await settled();
  pauses.pop()?.();
  await settled();
  expect(feed.watcher).not.toBeNull();
});

test('a test that the collector no longer gives ends the feed, and gives the button back', async () => {
  const { session, feed } = sessionWith({ getTest: async () => failure('there is no such test') });
  await session.start();
  feed.watcher?.onLost();
  await settled();
  expect([session.feed, session.testError]).toEqual(['ended', 'there is no such test']);
  expect(session.busy).toBe(false);
});

test('whoever leaves while the collector is away is not brought back', async () => {
  const { session, feed, pauses } = sessionWith();
  await session.start();
  feed.watcher?.onLost();
  await settled();
  await session.show('/');
  pauses.pop()?.();
  await settled();
  expect(feed.watcher).toBeNull();
});

test('a feed of another run tells that the collector was restarted, until another test is shown', async () => {
  const { session, feed } = sessionWith();
  await session.start();
  feed.watcher?.onRun('a');
  feed.watcher?.onRun('a');
  expect(session.restarted).toBe(false);
  feed.watcher?.onRun('b');
  expect(session.restarted).toBe(true);
  await session.show('/');
  expect(session.restarted).toBe(false);
});

test('an answer for a page that the reader has left is dropped', async () => {
  let answer: (result: Result<Test>) => void = () => {};
  const getTest = () => new Promise<Result<Test>>((resolve) => (answer = resolve));
  const { session } = sessionWith({ getTest });
  const opened = session.show(PATH);
  await session.show('/');
  answer(success(goldenTest()));
  await opened;
  expect(session.test).toBeNull();
});

test('leaving a running test stops its feed', async () => {
  const { session, feed } = sessionWith();
  await session.start();
  await session.show('/');
  expect(feed.watcher).toBeNull();
});

/** What a collector says to whoever it does not know. */
const who = { ok: false, error: { sentence: 'who?', field: null, needsToken: true } } as const;

/** A collector that knows nobody until somebody has signed in. */
function closedCollector() {
  const state = { signedIn: false };
  const open = fakeClient();
  const guarded =
    <A extends unknown[], T>(ask: (...args: A) => Promise<Result<T>>) =>
    async (...args: A): Promise<Result<T>> =>
      state.signedIn ? ask(...args) : who;
  return {
    getInfo: guarded(open.getInfo),
    getAgents: guarded(open.getAgents),
    getTest: guarded(open.getTest),
    startTest: guarded(open.startTest),
    signIn: async (token: string) => {
      state.signedIn = token === 'fbt_right';
      return state.signedIn ? success(undefined) : failure('this is no token');
    },
    signOut: async () => {
      state.signedIn = false;
      return success(undefined);
    },
  };
}

test('a collector that is not public asks for a token', async () => {
  const { session } = sessionWith(closedCollector());
  await session.open(PATH);
  expect(session.needsToken).toBe(true);
});

test('a wrong token is told, and asked for again', async () => {
  const { session } = sessionWith(closedCollector());
  await session.open(PATH);
  await session.signIn('fbt_wrong');
  expect([session.needsToken, session.signInError]).toEqual([true, 'this is no token']);
});

test('who signs in sees what he came for', async () => {
  const { session } = sessionWith(closedCollector());
  await session.open(PATH);
  await session.signIn(' fbt_right ');
  expect([session.needsToken, session.signInError]).toEqual([false, null]);
  expect(session.test?.id).toBe('0k3v9x2m7qf5d');
  expect(session.info?.version).toBeTruthy();
});

test('who signs out sees nothing any more', async () => {
  const { session } = sessionWith(closedCollector());
  await session.open('/');
  await session.signIn('fbt_right');
  await session.signOut();
  expect(session.needsToken).toBe(true);
});

test('nobody is asked again and again while the page waits for a token', async () => {
  let asked = 0;
  const getAgents = async () => {
    asked += 1;
    return who;
  };
  const { session } = sessionWith({ getAgents });
  await session.open('/');
  await session.refreshAgents();
  expect(asked).toBe(1);
});

test('a session that ends during a test leads back to the token', async () => {
  const collector = closedCollector();
  const { session, feed } = sessionWith(collector);
  await session.open('/');
  await session.signIn('fbt_right');
  await session.start();
  await collector.signOut();
  feed.watcher?.onLost();
  await settled();
  expect(session.needsToken).toBe(true);
});

test('a second run of the same URL is set against the first', async () => {
  const asked: string[][] = [];
  const done = (id: string): Test => ({ ...goldenTest(), id, state: 'done' });
  const { session, paths } = sessionWith({
    getTest: async (id) => success(done(id)),
    startTest: async () => success(done('b')),
    compare: async (...ids) => {
      asked.push(ids);
      return success(goldenComparison());
    },
  });
  await session.open('/tests/a');
  await session.start();
  await settled();
  expect(paths).toEqual(['/tests/b?before=a']);
  expect(asked).toEqual([['a', 'b']]);
  expect(session.comparison).toEqual(goldenComparison());
});

test('a run of another URL is not set against the first', async () => {
  const { session, paths } = sessionWith({
    getTest: async (id) => success<Test>({ ...goldenTest(), id, state: 'done' }),
  });
  await session.open('/tests/a');
  session.url = 'https://b.example/';
  await session.start();
  expect(paths).toEqual([PATH]);
});

test('the address alone brings the comparison back', async () => {
  const { session } = sessionWith({
    getTest: async (id) => success<Test>({ ...goldenTest(), id, state: 'done' }),
  });
  await session.open('/tests/b?before=a');
  await settled();
  expect(session.comparison).toEqual(goldenComparison());
});

test('a comparison’s address shows neither a test nor the agents', async () => {
  const { session } = sessionWith();
  await session.open('/compare/a/b');
  expect(session.compared).toEqual({ before: 'a', after: 'b' });
  expect([session.test, session.agents, session.idle]).toEqual([null, null, false]);
});

test('the options go with the URL, and stay as they are for another run', async () => {
  const { session, client, feed } = sessionWith();
  session.url = 'https://a/';
  Object.assign(session.options, { method: 'HEAD', samples: 3 });
  await session.start();
  expect(client.requests).toEqual([{ url: 'https://a/', method: 'HEAD', samples: 3 }]);
  feed.watcher?.onEvent({ type: 'done' });
  await session.start();
  expect(client.requests[1]).toEqual(client.requests[0]);
});

test('a test’s address fills the form with the options of that test', async () => {
  const getTest = async () => success(decodeTest(golden('test-samples.json')) as Test);
  const { session } = sessionWith({ getTest });
  await session.open('/tests/0k3v9x2m7qf5e');
  expect(session.options).toMatchObject({ method: 'POST', samples: 2, agents: ['new-york'] });
  expect(session.agents).toHaveLength(2);
});

test('a secret that was not kept has to be typed again before anything is sent', async () => {
  const done = { ...(decodeTest(golden('test-samples.json')) as Test), state: 'done' };
  const { session, client } = sessionWith({ getTest: async () => success(done) });
  await session.open('/tests/0k3v9x2m7qf5e');
  await session.start();
  const secret = session.options.request_headers[1];
  expect(session.startError?.field).toBe(`/request_headers/${secret?.key}/1`);
  expect(client.requests).toEqual([]);
  if (secret) secret.value = 'Bearer again';
  await session.start();
  expect(client.requests[0]?.request_headers).toContainEqual(['Authorization', 'Bearer again']);
});

test('what the collector refuses is told at the form’s own field', async () => {
  const startTest = async () => failure('no agent is called "x"', '/agents/0');
  const { session } = sessionWith({ startTest });
  session.url = 'https://a/';
  session.options.agents = ['x'];
  await session.start();
  expect(session.startError).toEqual({ sentence: 'no agent is called "x"', field: '/agents' });
});

test('the start page’s address prepares a test and does not start it', async () => {
  const { session, client } = sessionWith();
  await session.open('/?url=https://drill.example/&family=both&samples=99');
  expect(session.url).toBe('https://drill.example/');
  expect(session.options.family).toBe('both');
  expect(session.ignoredOptions).toEqual(['samples=99']);
  expect(client.started).toEqual([]);
});

test('what was wrong in an address is forgotten once a test has started', async () => {
  const { session } = sessionWith();
  await session.open('/?url=https://drill.example/&samples=99');
  await session.start();
  expect(session.ignoredOptions).toEqual([]);
});

test('back on the plain start page the form stays as it was filled', async () => {
  const { session } = sessionWith();
  session.options.method = 'HEAD';
  await session.show('/');
  expect(session.options.method).toBe('HEAD');
});

test('agents that cannot be asked for beside a test do not make the collector unreachable', async () => {
  const { session } = sessionWith({ getAgents: async () => failure('away') });
  await session.open(PATH);
  expect(session.agents).toBeNull();
  expect(session.unreachableSince).toBeNull();
});

test('what is left of the limit is taken from the test, started or not', async () => {
  const { session } = sessionWith({
    startTest: async () => failure('too many'),
    rateLimit: () => ({ limit: 300, remaining: 2 }),
  });
  session.url = 'https://a/';
  await session.start();
  expect(session.rateLimit).toEqual({ limit: 300, remaining: 2 });
});
