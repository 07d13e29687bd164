import { expect, test } from 'vitest';
import { stepsOf } from './steps';

const states = (...args: Parameters<typeof stepsOf>) => stepsOf(...args).map((step) => step.state);

test('a dispatched city has taken no step', () => {
  expect(states('dispatched', 'https://a/')).toEqual(['todo', 'todo', 'todo', 'todo', 'todo']);
});

test('the steps before the current one are done', () => {
  expect(states('tls', 'https://a/')).toEqual(['done', 'done', 'current', 'todo', 'todo']);
});

test('waiting comes before the transfer', () => {
  expect(states('wait', 'https://a/')).toEqual(['done', 'done', 'done', 'current', 'todo']);
});

test('the transfer is the last step', () => {
  expect(states('transfer', 'https://a/')).toEqual(['done', 'done', 'done', 'done', 'current']);
});

test('a plain HTTP test takes no TLS step', () => {
  expect(states('wait', 'HTTP://a/')).toEqual(['done', 'done', 'skipped', 'current', 'todo']);
});
