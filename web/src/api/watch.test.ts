import { expect, test } from 'vitest';
import { FakeEventSource } from '../testing/fake-event-source';
import { goldenFrames } from '../testing/goldens';
import type { TestEvent } from './types';
import { watchTest } from './watch';

function watching() {
  const calls: string[] = [];
  const runs: string[] = [];
  const events: TestEvent[] = [];
  let source = new FakeEventSource('');
  const stop = watchTest(
    '0k3v9x2m7qf5d',
    {
      onEvent: (event) => events.push(event),
      onOpen: () => calls.push('open'),
      onReconnecting: () => calls.push('reconnecting'),
      onLost: () => calls.push('lost'),
      onRun: (name) => runs.push(name),
    },
    (address) => (source = new FakeEventSource(address)) as unknown as EventSource,
  );
  return { calls, runs, events, source, stop };
}

test('the feed stands under the address of its test', () => {
  expect(watching().source.url).toBe('/api/v1/tests/0k3v9x2m7qf5d/events');
});

test('every event of the golden feed arrives in order', () => {
  const { events, source } = watching();
  goldenFrames().forEach((frame) => source.send(frame));
  expect(events.map((event) => event.type)).toEqual(['snapshot', 'city', 'city', 'done']);
});

test('each event says which run of the collector it is of', () => {
  const { runs, source } = watching();
  const [snapshot] = goldenFrames();
  source.send({ ...snapshot!, id: '5f3a-7' });
  source.send({ ...snapshot!, id: '5f3a-ended-1' });
  source.send({ ...snapshot!, id: 'a0b1-1' });
  expect(runs).toEqual(['5f3a', '5f3a', 'a0b1']);
});

test('done closes the feed, so that the browser does not connect again', () => {
  const { source } = watching();
  source.send({ event: 'done', data: '{}' });
  expect(source.closed).toBe(true);
});

test('a broken connection is reported as reconnecting, and then as open', () => {
  const { calls, source } = watching();
  source.breakOff();
  source.open();
  expect(calls).toEqual(['reconnecting', 'open']);
});

test('a refused connection is lost', () => {
  const { calls, source } = watching();
  source.refuse();
  expect(calls).toEqual(['lost']);
});

test('an event that is not understood ends the feed', () => {
  const { calls, source } = watching();
  source.send({ event: 'city', data: '{"state":"asleep"}' });
  expect(calls).toEqual(['lost']);
  expect(source.closed).toBe(true);
});

test('stopping closes the feed', () => {
  const { source, stop } = watching();
  stop();
  expect(source.closed).toBe(true);
});
