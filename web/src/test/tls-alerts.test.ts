import { expect, test } from 'vitest';
import { describeAlert } from './tls-alerts';

test('an alert is its number and its name', () => {
  expect(describeAlert(112)).toBe('112 (unrecognized_name)');
});

test('an alert without a name is its number', () => {
  expect(describeAlert(200)).toBe('200');
});
