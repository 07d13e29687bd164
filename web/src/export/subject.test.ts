import { expect, test } from 'vitest';
import { goldenComparison, goldenTest } from '../testing/goldens';
import { fileName } from './file-name';
import { csvAddress, idsOf, jsonAddress, timesOf, urlOf, type Subject } from './subject';

const aTest: Subject = { kind: 'test', test: goldenTest(), comparison: null };
const aComparison: Subject = { kind: 'comparison', comparison: goldenComparison() };

test('a test is one document of the API, and one table', () => {
  expect(jsonAddress(aTest)).toBe('/api/v1/tests/0k3v9x2m7qf5d');
  expect(csvAddress(goldenTest())).toBe('/api/v1/tests/0k3v9x2m7qf5d.csv?bom=1');
  expect(timesOf(aTest)).toEqual(['2026-11-23T03:10:00.100000Z']);
});

test('a comparison is one of two tests', () => {
  expect(jsonAddress(aComparison)).toBe(
    '/api/v1/comparisons?before=0k3v9x2m7qf5d&after=0k3v9x2m7qf5f',
  );
  expect(urlOf(aComparison)).toBe('https://www.example.net/');
  expect(timesOf(aComparison)).toEqual([
    '2026-11-23T03:10:00.100000Z',
    '2026-11-23T03:11:30.100000Z',
  ]);
});

test('files are called by what they are of', () => {
  expect(fileName(idsOf(aTest), '.png')).toBe('firstbyte-0k3v9x2m7qf5d.png');
  expect(fileName(idsOf(aComparison), '.json')).toBe('firstbyte-0k3v9x2m7qf5d-0k3v9x2m7qf5f.json');
});

test('no id leads to another folder', () => {
  expect(fileName(['../../a b'], '.html')).toBe('firstbyte-______a_b.html');
});
