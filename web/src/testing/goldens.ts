import { readFileSync } from 'node:fs';
import { decodeComparison, decodeTest } from '../api/decode';
import type { City, CityState, Comparison, Failure, Test } from '../api/types';
import { parseSse, type SseFrame } from './sse';

/** The examples that the collector's own tests hold it to. */
const FOLDER = new URL('../../../tests/golden/api/', import.meta.url);

export function golden(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
}

export function goldenFrames(): SseFrame[] {
  return parseSse(readFileSync(new URL('events.sse', FOLDER), 'utf8'));
}

/** A fresh copy for each caller, who may change it. */
export function goldenTest(): Test {
  const test = decodeTest(golden('test.json'));
  if (!test) throw new Error('test.json is not a test');
  return test;
}

/** Of a test with another one, in which New York's edge is gone. */
export function goldenComparison(): Comparison {
  const comparison = decodeComparison(golden('comparison.json'));
  if (!comparison) throw new Error('comparison.json is not a comparison');
  return comparison;
}

export function goldenCity(agentId: string): City {
  const city = goldenTest().cities.find((candidate) => candidate.agent_id === agentId);
  if (!city) throw new Error(`test.json has no city ${agentId}`);
  return city;
}

/** The golden's New York under another name, with another TTFB. */
export function finishedCity(name: string, ttfbUs: number): City {
  const city = goldenCity('new-york');
  city.agent_id = city.agent.id = name;
  city.agent.city = name;
  if (city.result) city.result.timings.ttfb_us = ttfbUs;
  return city;
}

/** The golden's Frankfurt under another name, failed in another way. */
export function failedCity(name: string, failure: Failure): City {
  const city = goldenCity('frankfurt');
  city.agent_id = city.agent.id = name;
  city.agent.city = name;
  if (city.result) city.result.failure = failure;
  return city;
}

export function runningCity(name: string, state: CityState): City {
  return { ...finishedCity(name, 0), state, result: null };
}

export function testOf(cities: City[]): Test {
  return { ...goldenTest(), cities };
}
