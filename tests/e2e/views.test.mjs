// The story that the product is for, told in the anycast lab and in a real browser: measure, take an edge
// down, measure again, see who moved, and send the link to somebody else. Then every view in both languages,
// light and dark, from the phone to the projector.
//
//   FIRSTBYTE_URL       the collector's address
//   FIRSTBYTE_LAB       see story.mjs
//   FIRSTBYTE_CHROMIUM  see browser.mjs

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from './browser.mjs';
import { labctl, runTest } from './story.mjs';
import { LANGUAGES, SCHEMES, WIDTHS, lookAs, openView, viewsOf } from './views.mjs';
import { accessibilityComplaints, overhang, watch } from './watched.mjs';

/** São Paulo's cables go up to New York, so its edge was New York's. */
const MOVED =
  /^2 of 14 cities moved: New York ny1 → la1 \(TTFB [\d.]+ → [\d.]+ ms\), São Paulo ny1 → la1 \(TTFB [\d.]+ → [\d.]+ ms\); 14 of 14 answered 200$/;

const { FIRSTBYTE_URL } = process.env;
const tests = {};
const complaints = [];
let origin;
let browser;
let page;

before(async () => {
  assert.ok(FIRSTBYTE_URL, 'Set FIRSTBYTE_URL to the address of a running collector.');
  origin = new URL(FIRSTBYTE_URL).origin;
  browser = await launchBrowser();
  const context = await newContext('en-US');
  page = await context.newPage();
  await page.goto(origin);
});

after(() => browser?.close());

async function newContext(locale) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale });
  await watch(context, origin, complaints);
  return context;
}

test('measured first, New York is answered by its own edge', async () => {
  tests.before = await runTest(page);
  await page.locator('tr[data-agent="new-york"]').click();
  const marked = page.locator('#detail-new-york li.edge');
  assert.match(await marked.innerText(), /^x-edge-route\s*:\s*ny1/);
});

test('its edge gone, the second run says who moved where, and what it costs', async () => {
  labctl('cut', 'ny1');
  tests.after = await runTest(page);
  const link = page.locator('a[href^="/compare/"]');
  await link.waitFor();
  const sentence = page.locator('.verdict');
  assert.match((await sentence.evaluate((shown) => shown.firstChild.textContent)).trim(), MOVED);
  await link.click();
  await page.waitForURL('**/compare/**');
  const moved = page.locator('tr[data-agent="new-york"]');
  await moved.waitFor();
  assert.equal(
    await page.locator('tbody tr[data-agent]').first().getAttribute('data-agent'),
    'new-york',
  );
  assert.match((await moved.innerText()).replaceAll(/\s+/g, ' '), /Moved ny1 → la1/);
});

test('whoever opens the link sees the same', async () => {
  const shown = await page.locator('main').innerText();
  const elsewhere = await newContext('en-US');
  const other = await elsewhere.newPage();
  await other.goto(page.url());
  await other.locator('tr[data-agent]').first().waitFor();
  assert.equal(await other.locator('main').innerText(), shown);
  await elsewhere.close();
});

for (const locale of LANGUAGES) {
  test(`every view holds in ${locale}, light and dark, at each width`, async () => {
    const context = await newContext(locale);
    const view = await context.newPage();
    const found = [];
    for (const one of viewsOf(tests)) {
      await openView(view, origin, one);
      for (const scheme of SCHEMES) {
        for (const width of WIDTHS) {
          await lookAs(view, scheme, width);
          const where = `${one.name}, ${scheme}, ${width} px`;
          for (const line of await accessibilityComplaints(view, one.part))
            found.push(`${where}: ${line}`);
          const beyond = await overhang(view);
          if (beyond > 0) found.push(`${where}: ${beyond} px beyond the right edge`);
        }
      }
    }
    await context.close();
    assert.deepEqual(found, []);
  });
}

test('no page breached its policy, asked another host, or failed at anything', () => {
  assert.deepEqual(complaints, []);
});

test('the edge is back for whoever comes next', () => labctl('revive', 'ny1'));
