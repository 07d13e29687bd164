import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startCollector, stepsOf, testOf } from '../../e2e/fake_collector.mjs';
import { longestTask, noteLongTasks } from './long_tasks.mjs';

const STREAM_MS = 5000;

/**
 * The steps of so many cities come in within five seconds while somebody scrolls through them, sorts them and opens
 * one: the page's longest task in milliseconds, once the rows are there. 0 if none took longer than 50.
 */
export async function longestTaskOfCities(browser, folder, { cities, throttling = 1 }) {
  const measured = testOf(cities);
  const collector = await startCollector({ folder, test: measured });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: throttling });
    await page.goto(`${collector.address}${collector.path}?sort=ttfb`);
    await page.waitForSelector(`tr[data-agent]:nth-of-type(${cities})`);
    await until(() => collector.viewers() === 1);
    await pause(500);
    await noteLongTasks(page);

    let streaming = true;
    const streamed = stream(collector, measured.cities).finally(() => (streaming = false));
    for (let turn = 0; streaming; ++turn) {
      await page.mouse.wheel(0, turn % 40 < 20 ? 300 : -300);
      await pause(50);
    }
    await streamed;
    await page.locator('th[aria-sort]', { hasText: 'Connect' }).getByRole('button').click();
    await page.locator('#toggle-city-100').click();
    await page.locator('#detail-city-100').waitFor();
    await page.getByText(`${cities} of ${cities} cities answered`).waitFor();
    const states = await page.locator('tr[data-agent][data-state="finished"]').count();
    assert.equal(states, cities);
    assert.deepEqual(errors, []);
    return await longestTask(page);
  } finally {
    await context.close();
    await collector.close();
  }
}

/** All cities at once, each at its own pace, as they come from agents all over the world. */
async function stream(collector, cities) {
  const steps = cities.flatMap((city, index) => {
    const slower = 0.5 + ((index * 37) % cities.length) / 20;
    return stepsOf(city, slower).map((update) => ({ update, at: update.elapsed_us }));
  });
  steps.sort((a, b) => a.at - b.at);
  const last = steps.at(-1).at;
  const start = performance.now();
  for (const { update, at } of steps) {
    const due = start + (at / last) * STREAM_MS;
    if (due > performance.now()) await pause(due - performance.now());
    collector.step(update);
  }
  collector.finish();
}

async function until(holds) {
  while (!holds()) await pause(20);
}
