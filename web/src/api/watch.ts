import { testAddress } from './client';
import { decodeEvent } from './decode';
import type { TestEvent } from './types';

export interface Watcher {
  onEvent(event: TestEvent): void;
  /** The feed is up, for the first time or again. */
  onOpen(): void;
  /** The feed broke off; the browser reconnects by itself, with Last-Event-ID. */
  onReconnecting(): void;
  /** The browser has given the feed up before the test was done. */
  onLost(): void;
  /** What tells the collector's runs apart: another name than before, and it was restarted in between. */
  onRun(name: string): void;
}

export type Watch = (id: string, watcher: Watcher) => () => void;

const CLOSED = 2;

/** Follows a running test. Gives the function that stops it; nothing is called after that. */
export function watchTest(
  id: string,
  watcher: Watcher,
  connect: (address: string) => EventSource = (address) => new EventSource(address),
): () => void {
  const source = connect(`${testAddress(id)}/events`);

  function listen(type: TestEvent['type']) {
    source.addEventListener(type, (message) => {
      const { data, lastEventId } = message as MessageEvent<string>;
      const event = decodeEvent(type, data);
      if (event === null) return lose();
      if (event.type === 'done') source.close();
      watcher.onRun(lastEventId.split('-', 1)[0]!);
      watcher.onEvent(event);
    });
  }

  function lose() {
    source.close();
    watcher.onLost();
  }

  listen('snapshot');
  listen('city');
  listen('done');
  source.addEventListener('open', () => watcher.onOpen());
  source.addEventListener('error', () =>
    source.readyState === CLOSED ? watcher.onLost() : watcher.onReconnecting(),
  );
  return () => source.close();
}
