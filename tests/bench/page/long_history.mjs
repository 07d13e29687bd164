import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startCollector, testOf } from '../../e2e/fake_collector.mjs';
import { longestTask, noteLongTasks } from './long_tasks.mjs';

const URL_OF_TESTS = 'https://www.example.net/';
/** As a hand on a wheel that does not let go. */
const WHEEL_PX = 2400;

/**
 * Somebody scrolls down through the history of so many tests until its end, and back up: the page's longest task in
 * milliseconds. 0 if none took longer than 50.
 */
export async function longestTaskOfHistory(browser, folder, { tests }) {
  const collector = await startCollector({ folder, test: testOf(1), pastTests: tests });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${collector.address}/history?${new URLSearchParams({ url: URL_OF_TESTS })}`);
    await page.locator('tbody tr').first().waitFor();
    await noteLongTasks(page);
    await scrollUntil(page, WHEEL_PX, async () => (await rows(page)) === tests && isAtEnd(page));
    await scrollUntil(page, -WHEEL_PX, () => page.evaluate(() => scrollY === 0));
    assert.deepEqual(errors, []);
    return await longestTask(page);
  } finally {
    await context.close();
    await collector.close();
  }
}

async function scrollUntil(page, pixels, holds) {
  while (!(await holds())) {
    for (let turn = 0; turn < 10; ++turn) {
      await page.mouse.wheel(0, pixels);
      await pause(16);
    }
  }
}

function rows(page) {
  return page.locator('tbody tr').count();
}

function isAtEnd(page) {
  return page.evaluate(() => scrollY + innerHeight >= document.documentElement.scrollHeight - 1);
}
