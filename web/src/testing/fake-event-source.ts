import type { SseFrame } from './sse';

/** An EventSource whose server is the test. */
export class FakeEventSource extends EventTarget {
  readyState = 0;

  constructor(readonly url: string) {
    super();
  }

  open(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  send({ id, event, data }: Pick<SseFrame, 'event' | 'data'> & Partial<SseFrame>): void {
    if (this.readyState === 2) return;
    this.dispatchEvent(new MessageEvent(event, { data, lastEventId: id ?? '' }));
  }

  /** The connection broke; the browser tries again. */
  breakOff(): void {
    this.readyState = 0;
    this.dispatchEvent(new Event('error'));
  }

  /** The collector refused; the browser gives up. */
  refuse(): void {
    this.readyState = 2;
    this.dispatchEvent(new Event('error'));
  }

  close(): void {
    this.readyState = 2;
  }

  get closed(): boolean {
    return this.readyState === 2;
  }
}
