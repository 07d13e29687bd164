// The browser that the pages are driven in: FIRSTBYTE_CHROMIUM, by default the one that the system has
// installed.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../web/package.json', import.meta.url))(
  'playwright-core',
);

export function launchBrowser() {
  return chromium.launch({
    executablePath: findChromium(),
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // Chromium's sandbox refuses to be started by root.
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    ],
  });
}

function findChromium() {
  const candidates = [
    process.env.FIRSTBYTE_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/google-chrome',
  ].filter(Boolean);
  const found = candidates.find((file) => existsSync(file));
  assert.ok(found, `No browser at ${candidates.join(' or ')}; set FIRSTBYTE_CHROMIUM.`);
  return found;
}
