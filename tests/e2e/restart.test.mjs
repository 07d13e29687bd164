// A collector that is killed in the middle of a test and started again: the page says so and goes on by itself, and
// whoever comes later sees the same. And a collector that is away, slow, or has not what was asked for.
//
//   FIRSTBYTE_COLLECTOR, FIRSTBYTE_AGENT  the binaries
//   FIRSTBYTE_CHROMIUM                    see browser.mjs

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { end, start } from './processes.mjs';

const CITIES = ['Frankfurt', 'Tokyo'];
const ROW = 'tr[data-agent]';
const AWAY = 'connection lost, reconnecting…';
const RESTARTED = 'The collector was restarted during this test, and went on with it.';

const folder = mkdtempSync(join(tmpdir(), 'firstbyte-restart-'));
const agents = [];
/** What the cities ask for answers when the test says so. */
const waiting = [];
const target = createServer((_, response) => waiting.push(response));
let collector;
let origin;
let grpc;
let browser;
let context;
let page;

before(async () => {
  await new Promise((resolve) => target.listen(0, '127.0.0.1', resolve));
  const found = await startCollector('127.0.0.1:0', '127.0.0.1:0');
  origin = `http://${found.http}`;
  grpc = found.grpc;
  for (const city of CITIES) {
    const { child } = await start(
      'AGENT',
      [
        ...['--insecure', '--collector', grpc, '--city', city, '--data-dir', join(folder, city)],
        ...['--allow-network', '127.0.0.0/8', '--allow-port', `${target.address().port}`],
      ],
      /^ready agent=/m,
    );
    agents.push(child);
  }
  browser = await launchBrowser();
  context = await browser.newContext({ locale: 'en-US' });
  page = await context.newPage();
  await page.goto(origin);
});

after(async () => {
  await browser?.close();
  for (const child of [...agents, collector]) if (child) await end(child);
  target.closeAllConnections();
  await new Promise((resolve) => target.close(resolve));
  rmSync(folder, { recursive: true });
});

test('a collector that dies in the middle of a test is told as away, and nothing is made up meanwhile', async () => {
  await page.evaluate(() => (globalThis.sameDocument = true));
  await page.getByLabel('URL').fill(`http://127.0.0.1:${target.address().port}/`);
  await page.getByRole('button', { name: 'Start test' }).click();
  await page.locator(`${ROW}[data-state="wait"]`).nth(1).waitFor();
  await end(collector, 'SIGKILL');
  await page.getByText(AWAY).waitFor();
  assert.deepEqual(await states(page), ['wait', 'wait']);
});

test('once it is back the page says that it was restarted, and the cities finish without a reload', async () => {
  await startCollector(new URL(origin).host, grpc);
  await page.getByText(RESTARTED).waitFor();
  for (const response of waiting.splice(0)) response.end('late, but here');
  await page.locator(`${ROW}[data-state="finished"]`).nth(1).waitFor();
  await page.getByText('2 of 2 cities answered').waitFor();
  assert.equal(await page.getByText(AWAY).count(), 0);
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
});

test('whoever opens the test later sees the same', async () => {
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator(ROW).nth(1).waitFor();
  const shown = (await mainText(page)).replace(RESTARTED, '').replace(/\n+/g, '\n');
  assert.equal((await mainText(other)).replace(/\n+/g, '\n'), shown);
  await other.close();
});

test('whoever opens a running test sees what its watcher sees', async () => {
  await page.getByRole('button', { name: /test|again/i }).click();
  await page.locator(`${ROW}[data-state="wait"]`).nth(1).waitFor();
  const other = await context.newPage();
  await other.goto(page.url());
  await other.locator(`${ROW}[data-state="wait"]`).nth(1).waitFor();
  waiting.shift().end('one of the two');
  for (const each of [page, other])
    await each.getByText('1 of 2 cities', { exact: true }).waitFor();
  assert.deepEqual(await states(other), await states(page));
  waiting.shift().end('and the other');
  for (const each of [page, other]) await each.getByText('2 of 2 cities answered').waitFor();
  assert.deepEqual(await rowTexts(other), await rowTexts(page));
  await other.close();
});

test('a comparison with a test that is not there says so', async () => {
  const [id] = new URL(page.url()).pathname.split('/').slice(-1);
  const other = await context.newPage();
  await other.goto(`${origin}/compare/${id}/0k3v9x2m7qf5d`);
  assert.match(await other.getByRole('alert').innerText(), /0k3v9x2m7qf5d/);
  assert.equal(await other.getByRole('button', { name: /Start test|Run again/ }).count(), 1);
  await other.close();
});

test('without JavaScript the page says what to do', async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false });
  const other = await plain.newPage();
  await other.goto(origin);
  const line = await other.locator('noscript').innerText();
  assert.match(line, /JavaScript/);
  assert.match(line, /api\/v1/);
  await plain.close();
});

test('a collector that answers slowly is waited for, and one that is away is told', async () => {
  const other = await context.newPage();
  let answer;
  const held = new Promise((resolve) => (answer = resolve));
  await other.route('**/api/v1/tests/*', async (route) => {
    await held;
    await route.continue();
  });
  await other.goto(page.url());
  await other.getByText('Loading…').waitFor();
  answer();
  await other.getByText('2 of 2 cities answered').waitFor();

  await end(collector, 'SIGKILL');
  await other.getByRole('button', { name: /Start test|Run again/ }).click();
  await other.getByText(/collector (cannot|could not) be reached|not reachable/i).waitFor();
  // What was measured stays where it is.
  assert.deepEqual(await states(other), ['finished', 'finished']);
  await other.close();
});

async function startCollector(http, rpc) {
  const { child, found } = await start(
    'COLLECTOR',
    ['--http', http, '--grpc', rpc, '--insecure', '--data-dir', join(folder, 'collector')],
    /^ready http=(\S+) grpc=(\S+)$/m,
  );
  collector = child;
  return { http: found[1], grpc: found[2] };
}

function states(shown) {
  return shown.locator(ROW).evaluateAll((rows) => rows.map(({ dataset }) => dataset.state));
}

function rowTexts(shown) {
  return shown.locator(ROW).allInnerTexts();
}

function mainText(shown) {
  return shown.locator('main').innerText();
}
