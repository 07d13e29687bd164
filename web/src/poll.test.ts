import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pollWhileVisible } from './poll';

class FakePage extends EventTarget {
  visibilityState: DocumentVisibilityState = 'visible';

  turn(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function polling() {
  const page = new FakePage();
  const ask = vi.fn();
  const stop = pollWhileVisible(ask, page);
  return { page, ask, stop };
}

test('a visible page asks every 15 seconds', () => {
  const { ask } = polling();
  vi.advanceTimersByTime(44_999);
  expect(ask).toHaveBeenCalledTimes(2);
});

test('a hidden page does not ask', () => {
  const { page, ask } = polling();
  page.turn('hidden');
  vi.advanceTimersByTime(60_000);
  expect(ask).not.toHaveBeenCalled();
});

test('a page that comes into view asks at once, and then goes on', () => {
  const { page, ask } = polling();
  page.turn('hidden');
  page.turn('visible');
  expect(ask).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(15_000);
  expect(ask).toHaveBeenCalledTimes(2);
});

test('a stopped poll asks no more', () => {
  const { page, ask, stop } = polling();
  stop();
  page.turn('visible');
  vi.advanceTimersByTime(60_000);
  expect(ask).not.toHaveBeenCalled();
});
