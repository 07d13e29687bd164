// Leaves a picture of each view of the page in a folder, the story's two tests being run before.
//
//   node screenshots.mjs FOLDER
//
//   FIRSTBYTE_URL       the collector's address
//   FIRSTBYTE_LAB       see story.mjs
//   FIRSTBYTE_CHROMIUM  see browser.mjs

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { launchBrowser } from './browser.mjs';
import { labctl, runTest } from './story.mjs';
import { lookAs, openView, viewsOf } from './views.mjs';

/** Not all that there are: each language, scheme and width at least once. */
const LOOKS = [
  { locale: 'en', scheme: 'light', width: 1280 },
  { locale: 'en', scheme: 'dark', width: 1280 },
  { locale: 'en', scheme: 'light', width: 390 },
  { locale: 'en', scheme: 'light', width: 1920 },
  { locale: 'zh-CN', scheme: 'light', width: 1280 },
];

const { FIRSTBYTE_URL } = process.env;
const [folder] = process.argv.slice(2);
assert.ok(folder, 'Say in which folder the pictures shall be.');
assert.ok(FIRSTBYTE_URL, 'Set FIRSTBYTE_URL to the address of a running collector.');
mkdirSync(folder, { recursive: true });

const browser = await launchBrowser();
try {
  const tests = await tellStory();
  for (const { locale, scheme, width } of LOOKS) {
    const context = await browser.newContext({ locale });
    const page = await context.newPage();
    await lookAs(page, scheme, width);
    for (const view of viewsOf(tests)) {
      await openView(page, FIRSTBYTE_URL, view);
      const path = join(folder, `${view.name}-${locale}-${scheme}-${width}.png`);
      await page.screenshot({ path, fullPage: true });
      console.log(path);
    }
    await context.close();
  }
} finally {
  await browser.close();
}

async function tellStory() {
  const page = await browser.newPage();
  await page.goto(FIRSTBYTE_URL);
  const before = await runTest(page);
  labctl('cut', 'ny1');
  try {
    const after = await runTest(page);
    return { before, after };
  } finally {
    labctl('revive', 'ny1');
    await page.close();
  }
}
