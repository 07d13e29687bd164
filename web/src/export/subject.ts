import { comparisonAddress, testAddress } from '../api/client';
import type { Comparison, Test } from '../api/types';

/** What is taken along: a test, where it is known with what changed since the one before, or a comparison. */
export type Subject =
  | { kind: 'test'; test: Test; comparison: Comparison | null }
  | { kind: 'comparison'; comparison: Comparison };

export function idsOf(subject: Subject): string[] {
  if (subject.kind === 'test') return [subject.test.id];
  return [subject.comparison.before.id, subject.comparison.after.id];
}

export function urlOf(subject: Subject): string {
  return subject.kind === 'test' ? subject.test.url : subject.comparison.after.url;
}

/** When it was tested: once, or before and after. */
export function timesOf(subject: Subject): string[] {
  if (subject.kind === 'test') return [subject.test.created_at];
  return [subject.comparison.before.created_at, subject.comparison.after.created_at];
}

export function jsonAddress(subject: Subject): string {
  if (subject.kind === 'test') return testAddress(subject.test.id);
  return comparisonAddress(subject.comparison.before.id, subject.comparison.after.id);
}

/** With the mark by which spreadsheets know UTF-8: scripts ask the API themselves. */
export function csvAddress(test: Test): string {
  return `${testAddress(test.id)}.csv?bom=1`;
}
