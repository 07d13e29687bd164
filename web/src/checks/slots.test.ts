import { expect, test } from 'vitest';
import { describeSlots } from './slots';

const slots = { expected: 120, stored: 110, late: 0, skipped: 0, no_data: 10 };

test('slots tell what is stored of what was due, and what became of the rest', () => {
  expect(describeSlots(slots, '2026-11-23T02:10:00Z')).toBe(
    '110 of 120 since 23 Nov 2026 02:10 UTC; 10 no data',
  );
  expect(describeSlots({ ...slots, late: 2, skipped: 4, no_data: 6 }, '2026-11-23T02:10:00Z')).toBe(
    '110 of 120 since 23 Nov 2026 02:10 UTC; 2 late; 4 skipped by the agent; 6 no data',
  );
});

test('nothing is said of what did not happen', () => {
  expect(describeSlots({ ...slots, stored: 120, no_data: 0 }, '2026-11-23T02:10:00Z')).toBe(
    '120 of 120 since 23 Nov 2026 02:10 UTC',
  );
});
