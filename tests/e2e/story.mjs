// What a user does in the story: starts a test, and takes an edge of the lab down or up.
//
//   FIRSTBYTE_LAB  by which labctl finds the lab

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CITIES = 14;
const LABCTL = fileURLToPath(new URL('../../lab/labctl', import.meta.url));

export function labctl(...words) {
  const folder = process.env.FIRSTBYTE_LAB;
  assert.ok(folder, 'Set FIRSTBYTE_LAB to the state folder of the lab that the collector probes.');
  execFileSync('python3', ['-B', LABCTL, '--state-dir', folder, ...words]);
}

/** Presses the button, waits for all cities, and gives the test's id. */
export async function runTest(page) {
  const address = page.url();
  await page.locator('form button.primary').click();
  await page.waitForURL((url) => url.href !== address && url.pathname.startsWith('/tests/'));
  await page.locator('form button.primary:enabled').waitFor();
  assert.equal(await page.locator('tr[data-state="finished"]').count(), CITIES);
  return new URL(page.url()).pathname.split('/').at(-1);
}
