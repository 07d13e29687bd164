// The binaries, started by a test of its own and ended with it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const START_TIMEOUT_MS = 20_000;

/**
 * Starts FIRSTBYTE_`name` and waits until it says that it is ready: gives the process and what it said, as `ready`
 * takes it apart.
 */
export async function start(name, words, ready) {
  const program = process.env[`FIRSTBYTE_${name}`];
  assert.ok(program, `Set FIRSTBYTE_${name} to the binary.`);
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const late = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  let said = '';
  for await (const part of child.stdout.iterator({ destroyOnReturn: false })) {
    said += part;
    const found = ready.exec(said);
    if (!found) continue;
    clearTimeout(late);
    child.stdout.resume();
    return { child, found };
  }
  throw new Error(`${program} did not become ready, but said: ${said}`);
}

export async function end(child, signal = 'SIGTERM') {
  child.kill(signal);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}
