import { expect, test } from 'vitest';
import { perFrame } from './per-frame';
import type { TestEvent } from './types';
import type { Watcher } from './watch';

const step = (agent_id: string): TestEvent => ({
  type: 'city',
  update: { agent_id, state: 'dns', elapsed_us: 0, result: null, late: null },
});

/** A feed whose events and frames are the test's to make. */
function feed(hear: (event: string) => unknown = () => {}) {
  const heard: string[] = [];
  const frames: (() => void)[] = [];
  let source: Watcher | undefined;
  let stopped = false;
  const watch = perFrame(
    (_, watcher) => {
      source = watcher;
      return () => (stopped = true);
    },
    (run) => {
      frames.push(run);
      return () => void frames.splice(0, frames.length, ...frames.filter((one) => one !== run));
    },
  );
  const stop = watch('id', {
    onEvent: (event) => {
      const name = event.type === 'city' ? event.update.agent_id : event.type;
      heard.push(name);
      hear(name);
    },
    onOpen: () => heard.push('open'),
    onReconnecting: () => heard.push('reconnecting'),
    onLost: () => heard.push('lost'),
    onRun: () => {},
  });
  return { heard, frames, stop, stopped: () => stopped, source: source! };
}

test('what comes within a frame is handed on together, in its order', () => {
  const { heard, frames, source } = feed();
  source.onEvent(step('oslo'));
  source.onEvent(step('lima'));
  expect([heard.length, frames.length]).toEqual([0, 1]);
  frames[0]!();
  expect(heard).toEqual(['oslo', 'lima']);
});

test('what comes after a frame waits for the next', () => {
  const { heard, frames, source } = feed();
  source.onEvent(step('oslo'));
  frames[0]!();
  source.onEvent({ type: 'done' });
  expect(heard).toEqual(['oslo']);
  frames[0]!();
  expect(heard).toEqual(['oslo', 'done']);
});

test.each(['onReconnecting', 'onLost'] as const)('%s comes behind what came before it', (end) => {
  const { heard, frames, source } = feed();
  source.onEvent(step('oslo'));
  source[end]();
  expect(heard[0]).toBe('oslo');
  expect([heard.length, frames.length]).toEqual([2, 0]);
});

test('whoever stops at an event hears of no other', () => {
  const { heard, frames, source, stop } = feed((event) => event === 'oslo' && stop());
  source.onEvent(step('oslo'));
  source.onEvent(step('lima'));
  frames[0]!();
  expect(heard).toEqual(['oslo']);
});

test('nothing is handed on once somebody has stopped watching', () => {
  const { heard, frames, source, stop, stopped } = feed();
  source.onEvent(step('oslo'));
  stop();
  expect([heard, frames, stopped()]).toEqual([[], [], true]);
});
