// Signs in to a collector that is closed by `--http-access token`, in a real browser, with a token that its
// own command line has made.
//
//   FIRSTBYTE_COLLECTOR, FIRSTBYTE_AGENT  the binaries
//   FIRSTBYTE_CHROMIUM                    see browser.mjs

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { end, start } from './processes.mjs';

const ROW = 'tr[data-agent]';

const folder = mkdtempSync(join(tmpdir(), 'firstbyte-sign-in-'));
const collectorData = join(folder, 'collector');
const children = [];
let origin;
let browser;
let page;

before(async () => {
  const collector = await start(
    'COLLECTOR',
    [
      ...['--http', '127.0.0.1:0', '--grpc', '127.0.0.1:0', '--data-dir', collectorData],
      ...['--insecure', '--http-access', 'token'],
    ],
    /^ready http=(\S+) grpc=(\S+)$/m,
  );
  children.push(collector.child);
  const [, http, grpc] = collector.found;
  origin = `http://${http}`;
  const agent = await start(
    'AGENT',
    [
      ...['--insecure', '--collector', grpc, '--city', 'Tokyo'],
      ...['--data-dir', join(folder, 'agent')],
      // What is tested is the collector's own page.
      ...['--allow-network', '127.0.0.0/8', '--allow-port', new URL(origin).port],
    ],
    /^ready agent=tokyo/m,
  );
  children.push(agent.child);
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(origin);
});

after(async () => {
  await browser?.close();
  // The agent first, whose stream the collector would otherwise see off.
  for (const child of children.reverse()) {
    await end(child);
    assert.equal(child.exitCode, 0, child.spawnfile);
  }
  rmSync(folder, { recursive: true });
});

test('a closed collector asks for a token, and shows nothing before', async () => {
  await page.getByRole('heading', { name: 'This collector is not public' }).waitFor();
  assert.equal(await page.getByRole('button', { name: 'Start test' }).count(), 0);
  assert.equal(await page.getByText('Tokyo').count(), 0);
});

test('a token that is none is refused in a sentence', async () => {
  await signIn(`fbt_${'0'.repeat(12)}_${'0'.repeat(64)}`);
  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /no API token of this collector/);
  assert.equal(await page.getByLabel('API token').getAttribute('aria-invalid'), 'true');
});

test('a token signs in, and the page can run a test', async () => {
  await signIn(makeToken());
  await page.getByLabel('URL').fill(`${origin}/-/healthy`);
  await page.getByRole('button', { name: 'Start test' }).click();
  await page.locator(`${ROW}[data-state="finished"]`).waitFor();
  assert.match(await page.locator(`${ROW} [data-column="city"]`).innerText(), /Tokyo/);
});

test('signed in stays signed in, and the token is nowhere that a script finds it', async () => {
  await page.reload();
  await page.locator(`${ROW}[data-state="finished"]`).waitFor();
  const kept = await page.evaluate(() => [
    document.cookie,
    Object.keys(localStorage).length,
    Object.keys(sessionStorage).length,
  ]);
  assert.deepEqual(kept, ['', 0, 0]);
});

test('signing out closes the test and the address that showed it', async () => {
  const cookies = await page.context().cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'This collector is not public' }).waitFor();
  assert.equal(await page.locator(ROW).count(), 0);
  // Also for whoever has kept the cookie.
  await page.context().addCookies(cookies);
  await page.reload();
  await page.getByRole('heading', { name: 'This collector is not public' }).waitFor();
});

function makeToken() {
  return execFileSync(
    process.env.FIRSTBYTE_COLLECTOR,
    [
      ...['tokens', 'create', '--data-dir', collectorData],
      ...['--name', 'browser', '--scope', 'tests:run', '--expires', '10m'],
    ],
    { encoding: 'utf8' },
  ).trim();
}

async function signIn(token) {
  await page.getByLabel('API token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
