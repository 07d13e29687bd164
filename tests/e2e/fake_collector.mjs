// A collector that serves the page and one test of as many cities as asked for, made of the golden one. What its cities
// do is said by the caller, event by event.

import { readFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const GOLDENS = new URL('../golden/api/', import.meta.url);
const TYPES = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
  '.svg': 'image/svg+xml',
};
const ID = '0k3v9x2m7qf5d';

export function golden(name) {
  return JSON.parse(readFileSync(new URL(name, GOLDENS), 'utf8'));
}

/** Serves the page that is built in `folder`, and a history of as many tests of one URL as `pastTests` says. */
export async function startCollector({ folder, test, pastTests = 0 }) {
  const viewers = new Set();
  let sent = 0;
  const server = createServer(({ url }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://collector');
    const json = (value) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(value));
    };
    if (pathname === '/api/v1/info') return json(golden('info.json'));
    if (pathname === '/api/v1/agents') return json(golden('agents.json'));
    if (pathname === `/api/v1/tests/${ID}`) return json(test);
    if (pathname === '/api/v1/tests') return json(historyPage(pastTests, searchParams));
    if (pathname === '/api/v1/comparisons') return json(comparisonOf(test));
    if (pathname === `/api/v1/tests/${ID}/events`) {
      response.setHeader('content-type', 'text/event-stream');
      response.write(frame('snapshot', test));
      viewers.add(response);
      return response.on('close', () => viewers.delete(response));
    }
    if (pathname.startsWith('/api/')) {
      response.statusCode = 404;
      return json({ title: 'There is nothing here', status: 404 });
    }
    const file = join(folder, normalize(pathname));
    const found = extname(file) !== '' && existsSync(file) ? file : join(folder, 'index.html');
    response.setHeader('content-type', TYPES[extname(found)] ?? 'application/octet-stream');
    response.end(readFileSync(found));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));

  function frame(event, data) {
    return `id: 1-${++sent}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  return {
    address: `http://127.0.0.1:${server.address().port}`,
    path: `/tests/${ID}`,
    viewers: () => viewers.size,
    /** One step of one city; whoever comes later sees it in the test. */
    step(update) {
      Object.assign(
        test.cities.find(({ agent_id }) => agent_id === update.agent_id),
        update,
      );
      for (const viewer of viewers) viewer.write(frame('city', update));
    },
    finish() {
      test.state = 'finished';
      for (const viewer of viewers) viewer.end(frame('done', { id: ID }));
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** With itself: nothing has changed, but one of its cities has a header that the others do not have. */
function comparisonOf(test) {
  const [first, odd, ...others] = test.cities.map(({ agent_id }) => agent_id);
  const values = [
    { value: 'v412', agent_ids: [first, ...others] },
    { value: 'v411', agent_ids: [odd] },
  ];
  const headers = { changes: [], differences: [{ name: 'x-version', values }] };
  return { ...golden('comparison.json'), headers, cities: [] };
}

/** The newest first; `older_than` names a test by how many are newer than it. */
function historyPage(all, query) {
  const [past] = golden('history.json').tests;
  const from = Number(query.get('older_than') ?? -1) + 1;
  const to = Math.min(from + Number(query.get('limit')), all);
  const tests = Array.from({ length: to - from }, (_, index) => {
    const created_at = new Date(
      Date.parse(past.created_at) - (from + index) * 60_000,
    ).toISOString();
    const median_ttfb_us = past.median_ttfb_us + ((from + index) % 97) * 1000;
    return { ...past, id: `${from + index}`, created_at, median_ttfb_us };
  });
  return { tests, older_than: to < all ? `${to - 1}` : null };
}

/** A test that has just begun in so many cities. */
export function testOf(cities) {
  const test = golden('test.json');
  const [{ agent }] = test.cities;
  return {
    ...test,
    state: 'running',
    cities: Array.from({ length: cities }, (_, index) => {
      const id = `city-${String(index + 1).padStart(3, '0')}`;
      return {
        agent_id: id,
        agent: { ...agent, id, city: `City ${index + 1}` },
        state: 'dispatched',
        elapsed_us: 0,
        result: null,
        late: null,
      };
    }),
  };
}

/** The steps of a city on the way to its answer, which takes `slower` times as long as the golden New York's. */
export function stepsOf(city, slower) {
  const { result } = golden('test.json').cities.find(({ agent_id }) => agent_id === 'new-york');
  const timings = Object.fromEntries(
    Object.entries(result.timings).map(([name, value]) => [
      name,
      typeof value === 'number' ? Math.round(value * slower) : value,
    ]),
  );
  const ttfbMs = timings.ttfb_us / 1000;
  const rating = ttfbMs < 50 ? 'excellent' : ttfbMs < 100 ? 'good' : 'slow';
  const step = (state, elapsed_us, rest = {}) => ({
    agent_id: city.agent_id,
    state,
    elapsed_us,
    result: null,
    late: null,
    ...rest,
  });
  return [
    step('dns', 0),
    step('connect', timings.dns_since_start_us),
    step('tls', timings.connect_since_start_us),
    step('wait', timings.tls_since_start_us),
    step('transfer', timings.wait_since_start_us),
    step('finished', timings.total_us, {
      result: { ...result, agent: city.agent, timings, rating },
    }),
  ];
}
