// Drives the page in a real browser against a running collector with fourteen agents.
//
//   FIRSTBYTE_URL         the collector's address, such as http://127.0.0.1:8080
//   FIRSTBYTE_CHROMIUM    see browser.mjs
//   FIRSTBYTE_SCREENSHOT  a PNG file to leave a picture of the finished test in

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.mjs';

const CITIES = 14;
const TEST_TIMEOUT_MS = 30_000;
const ROW = 'tr[data-agent]';
/** As a city goes through them; after these come its ends. */
const PHASES = ['dispatched', 'dns', 'connect', 'tls', 'wait', 'transfer'];
/** Whoever takes this long is seen on the way, however busy the machine. */
const LONG_MS = 300;

/** Every address that the page has asked for, over all tests. */
const requested = [];
let origin;
let browser;
let page;

before(async () => {
  assert.ok(process.env.FIRSTBYTE_URL, 'Set FIRSTBYTE_URL to the address of a running collector.');
  origin = new URL(process.env.FIRSTBYTE_URL).origin;
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.on('request', (request) => requested.push(request.url()));
  page = await context.newPage();
  await page.goto(origin);
});

after(() => browser?.close());

test('pressing the button fills fourteen rows at once, and each finishes with a TTFB', async () => {
  const states = await watchStates();
  await page.getByRole('button', { name: 'Start test' }).click();
  await page.waitForSelector(ROW);
  assert.equal(await page.locator(ROW).count(), CITIES);

  await untilDone();
  const rows = await readRows();
  assert.deepEqual(
    rows.filter(({ state }) => state !== 'finished'),
    [],
  );
  for (const { city, ttfb } of rows) assert.match(ttfb, /^(\d+(\.\d)?|<0\.1)$/, city);

  const seen = await states.evaluate((noted) => noted);
  for (const [agentId, passed] of Object.entries(seen)) {
    const order = passed.slice(0, -1).map((state) => PHASES.indexOf(state));
    assert.deepEqual(
      order,
      [...order].sort((a, b) => a - b),
      `${agentId}: ${passed}`,
    );
  }
  // On loopback nobody does.
  for (const { agentId } of rows.filter(({ ttfb }) => Number(ttfb) >= LONG_MS)) {
    assert.ok(
      seen[agentId].some((state) => PHASES.indexOf(state) > 0),
      `${agentId}: ${seen[agentId]}`,
    );
  }

  if (process.env.FIRSTBYTE_SCREENSHOT) {
    await page.screenshot({ path: process.env.FIRSTBYTE_SCREENSHOT });
  }
});

test('a test that is done is summed up in a sentence', async () => {
  const summary = page.getByText(`${CITIES} of ${CITIES} cities answered; fastest`);
  assert.equal(await summary.count(), 1);
});

test('clicking New York shows its headers, with the one that names the edge marked', async () => {
  await rowOf('new-york').click();
  const marked = page.locator('#detail-new-york li.edge');
  assert.equal(await marked.count(), 1);
  assert.match(await marked.innerText(), /^x-edge-route\s*:\s*ny1\s*edge$/);
});

test('Escape closes the detail again', async () => {
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('#detail-new-york').count(), 0);
});

test('the keyboard opens and closes the detail, too', async () => {
  const toggle = page.getByRole('button', { name: 'New York' });
  await toggle.press('Enter');
  assert.equal(await toggle.getAttribute('aria-expanded'), 'true');
  await toggle.press('Space');
  assert.equal(await toggle.getAttribute('aria-expanded'), 'false');
});

test('the permanent address shows the same fourteen results after a reload', async () => {
  assert.match(page.url(), /\/tests\/[^/]+$/);
  const before = await readRows();
  await page.reload();
  await page.waitForSelector(ROW);
  assert.deepEqual(await readRows(), before);
});

test('sorting by TTFB puts the slowest city last', async () => {
  const header = page.locator('th[aria-sort]', { hasText: 'TTFB' });
  await header.getByRole('button').click();
  assert.equal(await header.getAttribute('aria-sort'), 'ascending');
  const shown = (await readRows()).map(({ ttfb }) => Number(ttfb.replace('<', '')));
  assert.deepEqual(
    shown,
    [...shown].sort((a, b) => a - b),
  );
});

test('a bad URL gives one sentence, and the results stay', async () => {
  const address = page.url();
  const field = page.getByLabel('URL');
  await field.fill('ftp://x');
  await field.press('Enter');

  const alert = page.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /http/);
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  assert.equal(await page.locator(ROW).count(), CITIES);
  assert.equal(page.url(), address);
});

test('what the collector refuses of the options is told at its field', async () => {
  await page.goto(`${origin}/?samples=99&method=HEAD`);
  const form = page.locator('form');
  assert.match(await form.getByRole('status').innerText(), /samples=99/);
  const fold = form.locator('summary').first();
  assert.equal(await fold.innerText(), 'Options HEAD');

  await fold.press('Enter');
  const samples = page.getByLabel('Samples', { exact: true });
  await samples.fill('99');
  await samples.press('Enter');
  const alert = form.getByRole('alert');
  await alert.waitFor();
  assert.match(await alert.innerText(), /from 1 to 10/);
  assert.equal(await samples.getAttribute('aria-invalid'), 'true');
  assert.equal(await samples.evaluate((field) => field === document.activeElement), true);
});

test('an unknown test is told, and the form stays usable', async () => {
  await page.goto(`${origin}/tests/unknown`);
  await page.getByRole('alert').waitFor();
  assert.equal(await page.locator(ROW).count(), 0);
  assert.ok(await page.getByRole('button', { name: 'Start test' }).isEnabled());
});

test('the page asks no other host for anything', () => {
  assert.ok(requested.length > 0);
  assert.deepEqual(
    requested.filter((address) => new URL(address).origin !== origin),
    [],
  );
});

/** Notes from now on which states each row goes through. */
function watchStates() {
  return page.evaluateHandle((row) => {
    const noted = {};
    const note = () => {
      for (const { dataset } of document.querySelectorAll(row)) {
        const passed = (noted[dataset.agent] ??= []);
        if (passed.at(-1) !== dataset.state) passed.push(dataset.state);
      }
    };
    new MutationObserver(note).observe(document.body, {
      subtree: true,
      childList: true,
      attributes: true,
    });
    return noted;
  }, ROW);
}

function rowOf(agentId) {
  return page.locator(`tr[data-agent="${agentId}"]`);
}

/** The button comes back, as another one, when the last city has reached a terminal state. */
function untilDone() {
  return page
    .getByRole('button', { name: 'Run again' })
    .waitFor({ state: 'visible', timeout: TEST_TIMEOUT_MS });
}

function readRows() {
  return page.locator(ROW).evaluateAll((rows) =>
    rows.map((row) => {
      const read = (column) => row.querySelector(`[data-column="${column}"]`).textContent.trim();
      return {
        city: read('city'),
        agentId: row.dataset.agent,
        state: row.dataset.state,
        ttfb: read('ttfb'),
        rating: read('rating'),
        edge: read('edge'),
      };
    }),
  );
}
