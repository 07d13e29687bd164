import { expect, test } from 'vitest';
import type { CityResult } from '../api/types';
import { goldenCity } from '../testing/goldens';
import { factsOf } from './facts';

function resultOf(agentId: string): CityResult {
  const { result } = goldenCity(agentId);
  if (!result) throw new Error(`${agentId} has no result`);
  return result;
}

const titles = (agentId: string) => factsOf(resultOf(agentId)).map((group) => group.title);

function valueOf(agentId: string, title: string, label: string) {
  const group = factsOf(resultOf(agentId)).find((candidate) => candidate.title === title);
  return group?.facts.find((fact) => fact.label === label)?.value;
}

test('an answered city has no failure', () => {
  expect(titles('new-york')).toEqual(['Connection', 'TLS', 'DNS', 'Measurement']);
});

test('a failed city tells its phase, origin, cause and message', () => {
  const values = ['Phase', 'Origin', 'Cause', 'Message'].map((label) =>
    valueOf('frankfurt', 'Failure', label),
  );
  expect(values).toEqual([
    'connect',
    'target',
    'refused',
    '192.0.2.1 port 443 refused the connection',
  ]);
});

test('a group of which nothing is known is left out', () => {
  expect(titles('sao-paulo')).toEqual(['Failure']);
});

test('a single unknown fact is a dash', () => {
  expect(valueOf('frankfurt', 'Connection', 'Local')).toBe('–');
});

test('an address comes with its TTL', () => {
  expect(valueOf('new-york', 'DNS', 'Addresses')).toBe('192.0.2.1 (TTL 60 s)');
});

test('a list of no CNAMEs is a dash', () => {
  expect(valueOf('frankfurt', 'DNS', 'CNAMEs')).toBe('–');
});

test('the certificate is named', () => {
  expect(valueOf('new-york', 'TLS', 'Subject')).toBe('CN=www.example.net');
});

test('the clock offset comes with its error', () => {
  expect(valueOf('new-york', 'Measurement', 'Clock offset')).toBe(
    '−0.180 ms ± 0.240 ms (agent behind)',
  );
});

test('what the kernel knows of the connection is told', () => {
  const values = ['Kernel RTT', 'Retransmits', 'Congestion control'].map((label) =>
    valueOf('new-york', 'Connection', label),
  );
  expect(values).toEqual(['8.080 ms, least 8.010 ms', '1', 'cubic']);
});
