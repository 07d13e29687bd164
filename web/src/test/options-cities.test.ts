import { expect, test } from 'vitest';
import { decodeAgents } from '../api/decode';
import type { AgentStatus } from '../api/types';
import { golden } from '../testing/goldens';
import { choose, isChosen, regionsOf } from './options-cities';

const known = decodeAgents(golden('agents.json')) as AgentStatus[];

const named = (chosen: string[] | null) =>
  regionsOf(known, chosen).map(({ name, cities }) => [name, cities.map(({ id }) => id)]);

test('cities stand under their regions', () => {
  expect(named(null)).toEqual([
    ['North America', ['new-york']],
    ['South America', ['sao-paulo']],
  ]);
});

test('an agent that is chosen and not known here can be seen, and so left out', () => {
  expect(named(['new-york', 'gone']).at(-1)).toEqual([null, ['gone']]);
});

test('without a choice every agent is chosen', () => {
  expect([isChosen(null, 'a'), isChosen(['b'], 'a'), isChosen(['a'], 'a')]).toEqual([
    true,
    false,
    true,
  ]);
});

test('leaving one out of all chooses the others', () => {
  expect(choose(null, ['new-york'], false, known)).toEqual(['sao-paulo']);
});

test('all that there are is no choice', () => {
  expect(choose(['sao-paulo'], ['new-york'], true, known)).toBeNull();
});

test('none at all is a choice, which the collector refuses', () => {
  expect(choose(['new-york'], ['new-york'], false, known)).toEqual([]);
});

test('nobody is chosen twice', () => {
  expect(choose(['gone', 'new-york'], ['new-york'], true, known)).toEqual(['gone', 'new-york']);
});
