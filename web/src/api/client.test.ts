import { expect, test } from 'vitest';
import { golden, goldenComparison, goldenTest } from '../testing/goldens';
import { createClient, testAddress } from './client';
import { textOf, type Result } from './result';

interface Sent {
  path: string;
  init: RequestInit;
}

/** A fetch that gives one answer and keeps what was sent. */
function answering(response: Response | Error) {
  const sent: Sent[] = [];
  const send = (async (path: string, init: RequestInit) => {
    sent.push({ path, init });
    if (response instanceof Error) throw response;
    return response;
  }) as typeof fetch;
  return { client: createClient(send), sent };
}

const sentenceOf = (result: Result<unknown>) => (result.ok ? null : textOf(result.error.sentence));

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

test('a test is started by a POST of its URL', async () => {
  const { client, sent } = answering(json(golden('test.json'), 202));
  await client.startTest({ url: 'https://www.example.net/' });
  expect(sent[0]?.path).toBe('/api/v1/tests');
  expect(sent[0]?.init.method).toBe('POST');
  expect(sent[0]?.init.body).toBe('{"url":"https://www.example.net/"}');
});

test('the options of a test go with its URL', async () => {
  const { client, sent } = answering(json(golden('test.json'), 202));
  await client.startTest({ url: 'https://a/', method: 'HEAD', agents: ['tokyo'] });
  expect(sent[0]?.init.body).toBe('{"url":"https://a/","method":"HEAD","agents":["tokyo"]}');
});

test('what is left of the limit comes with a test, and stays through other answers', async () => {
  const headers = { 'X-RateLimit-Limit': '300', 'X-RateLimit-Remaining': '286' };
  const answers = [
    json(golden('info.json')),
    new Response(JSON.stringify(golden('problem-limit.json')), { status: 429, headers }),
    json(golden('info.json')),
  ];
  const client = createClient(async () => answers.shift() as Response);
  await client.getInfo();
  expect(client.rateLimit()).toBeNull();
  await client.startTest({ url: 'https://a/' });
  await client.getInfo();
  expect(client.rateLimit()).toEqual({ limit: 300, remaining: 286 });
});

test('a started test is the body of the answer', async () => {
  const { client } = answering(json(golden('test.json'), 202));
  expect(await client.startTest({ url: 'https://www.example.net/' })).toEqual({
    ok: true,
    value: goldenTest(),
  });
});

test('two tests are compared by their ids, whatever is in them', async () => {
  const { client, sent } = answering(json(golden('comparison.json')));
  expect(await client.compare('a', 'b&c')).toEqual({ ok: true, value: goldenComparison() });
  expect(sent[0]?.path).toBe('/api/v1/comparisons?before=a&after=b%26c');
});

test('a problem becomes its detail and its field', async () => {
  const { client } = answering(json(golden('problem.json'), 400));
  expect(await client.startTest({ url: 'ftp://x' })).toEqual({
    ok: false,
    error: { sentence: 'the scheme must be http or https, not ftp', field: '/url' },
  });
});

test('an error page of a proxy becomes its status', async () => {
  const page = new Response('<html>', { status: 502, statusText: 'Bad Gateway' });
  const { client } = answering(page);
  expect(sentenceOf(await client.getInfo())).toBe('The collector answered 502 Bad Gateway.');
});

test('a network failure becomes one sentence', async () => {
  const { client } = answering(new TypeError('Failed to fetch'));
  const refused = await client.startTest({ url: 'https://www.example.net/' });
  expect(sentenceOf(refused)).toBe('The collector could not be reached.');
  expect(refused).toMatchObject({ error: { field: null } });
});

test('a collector that stays silent is told apart from one that is away', async () => {
  const { client } = answering(new DOMException('timed out', 'TimeoutError') as Error);
  expect(sentenceOf(await client.getAgents())).toBe(
    'The collector did not answer within 15 seconds.',
  );
});

test('an answer of another shape is refused', async () => {
  const { client } = answering(json({ hello: 'world' }));
  expect((await client.getTest('x')).ok).toBe(false);
});

test('a collector that wants a token is told apart', async () => {
  const { client } = answering(json(golden('problem-token.json'), 401));
  expect(await client.getInfo()).toMatchObject({ error: { needsToken: true } });
});

test('a token that may not do this is no reason to sign in', async () => {
  const { client } = answering(json(golden('problem-scope.json'), 403));
  const refused = await client.startTest({ url: 'https://a/' });
  expect(refused).toEqual({
    ok: false,
    error: { sentence: 'this needs the scope "tests:run", and the token has "read"', field: null },
  });
});

test('a limit is told by the sentence of the collector', async () => {
  const { client } = answering(json(golden('problem-limit.json'), 429));
  expect(await client.startTest({ url: 'https://a/' })).toMatchObject({
    error: { sentence: expect.stringContaining('try again in 10 s') },
  });
});

test('a token goes into the body, where no log looks', async () => {
  const { client, sent } = answering(new Response(null, { status: 204 }));
  expect(await client.signIn('fbt_1')).toEqual({ ok: true, value: undefined });
  expect(sent[0]?.path).toBe('/api/v1/session');
  expect(sent[0]?.init.body).toBe('{"token":"fbt_1"}');
});

test('signing out deletes the session', async () => {
  const { client, sent } = answering(new Response(null, { status: 204 }));
  await client.signOut();
  expect([sent[0]?.path, sent[0]?.init.method]).toEqual(['/api/v1/session', 'DELETE']);
});

test('an id is escaped in its address', () => {
  expect(testAddress('a/b')).toBe('/api/v1/tests/a%2Fb');
});
