// The table of results and a city's detail in a real browser, against a collector that plays one test. Needs the page as
// it is built.
//
//   FIRSTBYTE_PAGE      the folder that `vite build` has built
//   FIRSTBYTE_CHROMIUM  see browser.mjs

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { startCollector, stepsOf, testOf } from './fake_collector.mjs';

const AXE = createRequire(new URL('../../web/package.json', import.meta.url)).resolve('axe-core');
const HOSTILE = [
  ['x-html', '<img src=x onerror="document.title=1">'],
  ['x-rtl', 'abc\u202edef'],
  ['x-long', 'a'.repeat(8192)],
  ['x-broken', 'caf\ufffd'],
];

let browser;
let collector;

before(async () => {
  assert.ok(process.env.FIRSTBYTE_PAGE, 'Set FIRSTBYTE_PAGE to the folder of the built page.');
  browser = await launchBrowser();
  collector = await startCollector({ folder: process.env.FIRSTBYTE_PAGE, test: finishedTest() });
});

after(async () => {
  await browser?.close();
  await collector?.close();
});

test('the address says how the table is sorted and which city is open, and opens the same again', async () => {
  await onPage(async (page, open) => {
    await open();
    const header = page.locator('th[aria-sort]', { hasText: 'TTFB' }).getByRole('button');
    await header.click();
    await header.click();
    await page.locator('#toggle-city-003').click();
    await page.locator('#detail-city-003').waitFor();
    const address = page.url();
    assert.equal(address, `${collector.address}${collector.path}?sort=ttfb&order=desc#city-003`);

    const shown = await orderOf(page);
    assert.deepEqual(shown.slice(0, 3), ['city-006', 'city-005', 'city-004']);
    await page.goto('about:blank');
    await page.goto(address);
    await page.locator('#detail-city-003').waitFor();
    assert.deepEqual(await orderOf(page), shown);

    await page.keyboard.press('Escape');
    await header.click();
    assert.equal(page.url(), `${collector.address}${collector.path}`);
  });
});

test('what else the address says stays', async () => {
  await onPage(async (page, open) => {
    await open('?before=0k3v9x2m7qf5c');
    await page.locator('th[aria-sort]', { hasText: 'Edge' }).getByRole('button').click();
    assert.match(page.url(), /\?before=0k3v9x2m7qf5c&sort=edge$/);
  });
});

test('each bar is on one scale, and the pieces up to the first byte are as long as TTFB', async () => {
  await onPage(async (page, open) => {
    await open();
    const bars = await page.locator('tr[data-agent]').evaluateAll((rows) =>
      rows.flatMap((row) => {
        const axis = row.querySelector('svg svg');
        if (!axis) return [];
        const pieces = [...axis.querySelectorAll('[data-part]:not([data-part="transfer"])')];
        const us = pieces.reduce((sum, piece) => sum + piece.width.baseVal.value, 0);
        return [{ scale: axis.viewBox.baseVal.width, ms: us / 1000, row: row.dataset.agent }];
      }),
    );
    assert.equal(new Set(bars.map(({ scale }) => scale)).size, 1);
    const ttfb = await page.locator('tr[data-agent="city-001"] [data-column="ttfb"]').innerText();
    assert.equal(bars.find(({ row }) => row === 'city-001').ms.toFixed(1), ttfb.trim());
  });
});

test('headers from outside are text, and what cannot be seen is told', async () => {
  await onPage(async (page, open) => {
    await open('#city-001');
    const headers = page.locator('#detail-city-001 li');
    await headers.filter({ hasText: 'x-rtl' }).waitFor();
    assert.match(await headers.filter({ hasText: 'x-html' }).innerText(), /<img src=x/);
    assert.equal(await page.locator('#detail-city-001 img[src="x"]').count(), 0);
    assert.match(await headers.filter({ hasText: 'x-rtl' }).innerText(), /abcU\+202Edef/);
    const long = headers.filter({ hasText: 'x-long' });
    assert.ok((await long.innerText()).length < 500);
    await long.getByRole('button', { name: '8192 characters: show all' }).click();
    assert.ok((await long.innerText()).length > 8192);
  });
});

test('a city can be copied as curl, or by hand where there is no clipboard', async () => {
  await onPage(async (page, open) => {
    await open('#city-001');
    await page.getByText('Repeat it with curl').click();
    assert.match(
      await page.locator('#detail-city-001 pre').innerText(),
      /--resolve www\.example\.net:443:192\.0\.2\.1/,
    );
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));
    });
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    const byHand = page.getByLabel('To be copied by hand');
    assert.match(await byHand.inputValue(), /^curl .*https:\/\/www\.example\.net\/$/s);
  });
});

test('headers that differ between the cities are told below the table', async () => {
  await onPage(async (page, open) => {
    await open();
    await page.getByText('1 header not the same in all cities').waitFor();
    assert.ok(await page.getByText('x-version: v412 in 5 cities, v411 in city-002').isVisible());
  });
});

for (const [width, colorScheme] of [
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
]) {
  test(`the table with a city open is accessible at ${width} px, ${colorScheme}`, async () => {
    await onPage(
      async (page, open) => {
        await open('#city-001');
        await page.getByText('Repeat it with curl').click();
        await page.evaluate(readFileSync(AXE, 'utf8'));
        const { violations } = await page.evaluate(() => window.axe.run('main'));
        const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html)}`);
        assert.deepEqual(told, []);
        const wider = await page.evaluate(() => document.body.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${wider} px wider than the window`);
      },
      { viewport: { width, height: 800 }, colorScheme },
    );
  });
}

/** Six cities that answered, each more slowly than the one before; the first with whatever may come as a header. */
function finishedTest() {
  const measured = testOf(6);
  measured.cities.forEach((city, index) => {
    const end = stepsOf(city, index + 1).at(-1);
    if (index === 0) end.result.headers.push(...HOSTILE);
    Object.assign(city, end);
  });
  return { ...measured, state: 'finished' };
}

async function orderOf(page) {
  return page.locator('tr[data-agent]').evaluateAll((rows) => rows.map((row) => row.dataset.agent));
}

async function onPage(use, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  try {
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await use(page, async (rest = '') => {
      await page.goto(`${collector.address}${collector.path}${rest}`);
      await page.locator('tr[data-agent]').first().waitFor();
    });
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
  }
}
