import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const SCRIPT = /(?:src|href)="(\/assets\/[^"]+\.js)"/g;

/** All JavaScript that index.html itself asks for, each file gzipped, in bytes. */
export function firstViewBytes(folder) {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const scripts = new Set([...html.matchAll(SCRIPT)].map(([, path]) => path));
  assert.ok(scripts.size > 0, 'index.html asks for no JavaScript.');
  return [...scripts]
    .map((path) => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length)
    .reduce((sum, bytes) => sum + bytes, 0);
}
