import { testAddress } from './client';
import { decodeEvent } from './decode';
import type { TestEvent } from './types';

export interface Watcher {
  onEvent(event: TestEvent): void;
  /** The feed is up, for the first time or again. */
  onOpen(): void;
  /** The feed broke off; the browser reconnects by itself, with Last-Event-ID. */
  onReconnecting(): void;
  /** The feed is over for good, before the test was done. */
  onLost(): void;
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
      const event = decodeEvent(type, (message as MessageEvent<string>).data);
      if (event === null) return lose();
      if (event.type === 'done') source.close();
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
