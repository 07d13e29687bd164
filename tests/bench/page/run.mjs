// How heavy the page is and how fluid it stays, in a real browser.
//
//   node run.mjs --page FOLDER [--json FILE]
//
//   --page FOLDER       the page as `vite build` has built it
//   --json FILE         the figures go there as well
//   FIRSTBYTE_URL       a running collector with fourteen agents
//   FIRSTBYTE_CHROMIUM  see browser.mjs

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../../e2e/browser.mjs';
import { firstViewBytes } from './first_view.mjs';
import { interactiveMs } from './interactive.mjs';
import { eventLatenciesMs } from './latency.mjs';
import { longestTaskOfCities } from './many_cities.mjs';
import { longestTaskOfHistory } from './long_history.mjs';
import { median, percentile } from './statistics.mjs';

const RUNS = 5;
const LATENCY_TESTS = 10;
const CITIES = 200;
const TESTS = 10_000;

const { page: folder, json } = parseArgs({
  options: { page: { type: 'string' }, json: { type: 'string' } },
}).values;
const { FIRSTBYTE_URL: collector } = process.env;
assert.ok(folder, 'Say with --page where the built page is.');
assert.ok(collector, 'Set FIRSTBYTE_URL to the address of a running collector.');

const browser = await launchBrowser();
let figures;
try {
  figures = await measure();
} finally {
  await browser.close();
}
report(figures);

async function measure() {
  const interactive = await repeat(RUNS, () =>
    interactiveMs(browser, collector, { throttling: 4 }),
  );
  const latencies = await eventLatenciesMs(browser, collector, LATENCY_TESTS);
  const cities = await repeat(RUNS, () => longestTaskOfCities(browser, folder, { cities: CITIES }));
  const slowed = await repeat(RUNS, () =>
    longestTaskOfCities(browser, folder, { cities: CITIES, throttling: 4 }),
  );
  const history = await repeat(RUNS, () => longestTaskOfHistory(browser, folder, { tests: TESTS }));
  return {
    'JavaScript of the first view, gzip': figure(firstViewBytes(folder) / 1000, 'kB', 60),
    'interactive, 4x CPU throttling': figure(median(interactive), 'ms', 1000),
    'event published -> on screen, p50': figure(percentile(latencies, 50), 'ms'),
    'event published -> on screen, p95': figure(percentile(latencies, 95), 'ms', 100),
    'events measured': figure(latencies.length, ''),
    [`${CITIES} cities come in, scrolled: longest task`]: figure(median(cities), 'ms', 100),
    'the same, 4x CPU throttling': figure(median(slowed), 'ms'),
    [`history of ${TESTS} tests, scrolled: longest task`]: figure(median(history), 'ms', 100),
  };
}

function figure(value, unit, atMost = null) {
  return { value: Math.round(value * 10) / 10, unit, at_most: atMost, at_least: null };
}

async function repeat(times, run) {
  const values = [];
  while (values.length < times) values.push(await run());
  return values;
}

function report(measured) {
  console.log(`page\n${''.padEnd(50)} ${'measured'.padStart(10)}         ${'bound'.padStart(8)}`);
  for (const [name, { value, unit, at_most }] of Object.entries(measured)) {
    const bound = at_most === null ? '-' : `<= ${at_most}`;
    const missed = at_most !== null && value > at_most;
    if (missed) process.exitCode = 1;
    console.log(
      `${name.padEnd(50)} ${String(value).padStart(10)}  ${unit.padEnd(6)} ${bound.padStart(8)}${missed ? '  MISSED' : ''}`,
    );
  }
  if (json) writeFileSync(json, `${JSON.stringify({ bench: 'page', figures: measured })}\n`);
}
