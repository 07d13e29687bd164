import { expect, test } from 'vitest';
import { answer, exchange, failureOf, redirectTo, timings } from '../testing/measurements';
import { axisOf, finalUrl, hopsOf, outcomeWords } from './hops';

const URL = 'https://example.net/';
const twoHops = answer({
  redirects: [
    redirectTo('http://www.example.net/a?b', URL),
    redirectTo('/c', 'http://www.example.net/a?b'),
  ],
});

test('a probe without redirects has no hops', () => {
  expect(hopsOf(answer(), URL)).toEqual([]);
});

test('the answer is the last hop, where the last redirect led', () => {
  const urls = hopsOf(twoHops, URL).map(({ url }) => url && url.host + url.afterHost);
  expect(urls).toEqual(['example.net/', 'www.example.net/a?b', 'www.example.net/c']);
});

test('a change of host is marked on the hop that made it', () => {
  expect(hopsOf(twoHops, URL).map(({ url }) => url?.moved)).toEqual([false, true, false]);
});

test('the way from https to http is flagged', () => {
  expect(hopsOf(twoHops, URL).map(({ url }) => url?.downgraded)).toEqual([false, true, false]);
});

test('the way from http to https is not', () => {
  const up = answer({ redirects: [redirectTo('https://a.example/', 'http://a.example/')] });
  expect(hopsOf(up, 'http://a.example/')[1]?.url).toMatchObject({
    downgraded: false,
    moved: false,
  });
});

test('where a redirect leads nowhere, the last URL is not known', () => {
  const lost = answer({ redirects: [exchange(URL, { status: 302, headers: [] })] });
  expect(finalUrl(lost, URL)).toBeNull();
  expect(hopsOf(lost, URL).at(-1)?.url).toBeNull();
});

test('the last URL is the one that the agent asked for, where it says so', () => {
  const told = { ...twoHops, url: 'https://www.example.net/%63' };
  expect(finalUrl(told, URL)).toBe('https://www.example.net/%63');
  expect(hopsOf(told, URL).at(-1)?.url?.afterHost).toBe('/%63');
});

test('without redirects the last URL is the first', () => {
  expect(finalUrl(answer(), URL)).toBe(URL);
});

test('the common axis is as long as the longest hop, not as their sum', () => {
  const hop = { ...redirectTo('/', URL), timings: timings({ total_us: 90_000 }) };
  expect(axisOf(hopsOf(answer({ redirects: [hop, hop] }), URL))).toBe(90_000);
});

test('a hop came back with a status, or says why it did not', () => {
  expect(outcomeWords(301, null)).toBe('301');
  expect(outcomeWords(null, failureOf({ cause: 'refused' }))).toBe('refused');
  expect(outcomeWords(null, null)).toBe('no answer');
});
