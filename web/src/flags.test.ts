import { expect, test } from 'vitest';
import { flagAddress } from './flags';

test('a country’s flag is a file under its code', () => {
  expect(flagAddress('us')).toMatch(/^\/assets\/flags-[\d.]+\/US\.svg$/);
});

test('what is not a country code has no flag', () => {
  expect(flagAddress('../x')).toBeNull();
});
