import type { TestEvent } from './types';
import type { Watch } from './watch';

/** Calls back soon, once, and gives the function that prevents it. */
export type Soon = (run: () => void) => () => void;

/** In a page that nobody sees there are no frames. */
const WITHOUT_FRAMES_MS = 100;

/**
 * Hands a feed's events on once a frame: of many cities they come in bursts, and the page would draw
 * each one by itself before it looked at the next, or at whoever scrolls.
 */
export function perFrame(watch: Watch, soon: Soon = nextFrame): Watch {
  return (id, watcher) => {
    let waiting: TestEvent[] = [];
    let cancel: (() => void) | null = null;
    let stopped = false;
    const flush = () => {
      cancel?.();
      cancel = null;
      const events = waiting;
      waiting = [];
      for (const event of events) {
        if (!stopped) watcher.onEvent(event);
      }
    };
    const stop = watch(id, {
      onEvent(event) {
        waiting.push(event);
        cancel ??= soon(flush);
      },
      onOpen: () => watcher.onOpen(),
      onRun: (name) => watcher.onRun(name),
      onReconnecting() {
        flush();
        watcher.onReconnecting();
      },
      onLost() {
        flush();
        watcher.onLost();
      },
    });
    return () => {
      cancel?.();
      stopped = true;
      stop();
    };
  };
}

function nextFrame(run: () => void): () => void {
  const frame = requestAnimationFrame(run);
  const timer = setTimeout(run, WITHOUT_FRAMES_MS);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
