import { expect, test } from 'vitest';
import { stepsOf } from './steps';

const states = (...args: Parameters<typeof stepsOf>) => stepsOf(...args).map((step) => step.state);

test('a dispatched city has taken no step', () => {
  expect(states('dispatched', 'https://a/')).toEqual(['todo', 'todo', 'todo', 'todo']);
});

test('the steps before the current one are done', () => {
  expect(states('tls', 'https://a/')).toEqual(['done', 'done', 'current', 'todo']);
});

test('waiting is the step to the first byte', () => {
  expect(states('wait', 'https://a/')).toEqual(['done', 'done', 'done', 'current']);
});

test('during the transfer every step is done', () => {
  expect(states('transfer', 'https://a/')).toEqual(['done', 'done', 'done', 'done']);
});

test('a plain HTTP test takes no TLS step', () => {
  expect(states('wait', 'HTTP://a/')).toEqual(['done', 'done', 'skipped', 'current']);
});
