import { afterEach, beforeEach, expect, test } from 'vitest';
import { failure, langOf, textOf } from '../api/result';
import { decodeAgents } from '../api/decode';
import AgentList from '../components/AgentList.svelte';
import CityDetail from '../components/CityDetail.svelte';
import ResultTable from '../components/ResultTable.svelte';
import { summarize } from '../summary';
import { normalizeUrl } from '../target-url';
import { DEFAULT_SORT, sortCities } from '../test/sort';
import { finishedCity, golden, goldenTest, testOf } from '../testing/goldens';
import { cityOf, failureOf, redirectTo, selfCheck } from '../testing/measurements';
import { markupOf, textOf as shownBy } from '../testing/render';
import { speak } from './language.svelte';

beforeEach(() => speak('zh'));
afterEach(() => speak('en'));

const detailOf = (city: ReturnType<typeof cityOf>) =>
  markupOf(CityDetail, { city, test: goldenTest(), onretarget: () => {} });

test('a table of results is in Chinese, with each city’s own name in reach', () => {
  const markup = markupOf(ResultTable, {
    test: goldenTest(),
    open: null,
    sort: DEFAULT_SORT,
    onretarget: () => {},
  });
  expect(shownBy(markup)).toContain('纽约 完成 200 8.2 8.1 7.9 8.7 1.1 34.0 优秀 ny1');
  expect(markup).toContain('title="New York"');
  expect(markup).toContain('data-label="连接"');
});

test('the agents’ own sentences stay English and say so, the words around them do not', () => {
  const markup = detailOf(cityOf({ state: 'failed', failure: failureOf() }));
  expect(markup).toMatch(/lang="en"[^>]*><bdi>the server ended the handshake with alert 112</);
  expect(shownBy(markup)).toContain(
    '已完成 DNS，连接，等待，传输 阶段 TLS 来源 目标 原因 TLS 警报 TLS 警报 112 (unrecognized_name)',
  );
});

test('the detail of a city has no English but names', () => {
  const hop = redirectTo('https://b/', 'https://a/');
  const city = cityOf({ redirects: [hop], self_check: selfCheck({ overloaded: true }) });
  const text = shownBy(detailOf(city).replace(/<ul(?![^>]*aria-label)[^>]*>.*?<\/ul>/gs, ''));
  const words = [...new Set(text.match(/(?<![-\w])[a-z]{4,}(?![-\w])/g) ?? [])];
  expect(words.filter((word) => !/^(https?|example|cubic|edge|whole|curl)$/.test(word))).toEqual(
    [],
  );
});

test('the agents are told in Chinese', () => {
  const agents = decodeAgents(golden('agents.json')) ?? [];
  const text = shownBy(markupOf(AgentList, { agents, unreachableSince: null }));
  expect(text).toContain('2 个城市中有 1 个已连接。');
  expect(text).toContain('圣保罗 离线');
  expect(text).toContain('缺口 1 1000 条结果：探针的暂存区已满（2026 年 11 月 23 日 03:00 UTC）');
});

test('a test is summed up in Chinese', () => {
  const cities = [finishedCity('São Paulo', 231000), finishedCity('Frankfurt', 25100)];
  expect(summarize(testOf(cities))).toBe(
    '2 个城市中有 2 个有响应；最快 法兰克福 25.1 ms，最慢 圣保罗 231 ms',
  );
});

test('cities are sorted by their Chinese names', () => {
  const cities = ['Chengdu', 'Amsterdam', 'Tokyo', 'Hangzhou'].map((name) => finishedCity(name, 1));
  const sorted = sortCities(cities, { column: 'city', direction: 'ascending' });
  expect(sorted.map(({ agent }) => agent.city)).toEqual([
    'Amsterdam', // 阿姆斯特丹
    'Chengdu', // 成都
    'Tokyo', // 东京
    'Hangzhou', // 杭州
  ]);
});

test('the page’s own sentence changes its language with the page, the collector’s does not', async () => {
  const refused = normalizeUrl('https://a:x/');
  const own = refused.ok ? '' : refused.error.sentence;
  const told = failure('the scheme must be http or https').error.sentence;
  expect([textOf(own), langOf(own)]).toEqual(['端口必须在 1 到 65535 之间', undefined]);
  expect([textOf(told), langOf(told)]).toEqual(['the scheme must be http or https', 'en']);
  await speak('en');
  expect(textOf(own)).toBe('the port must be between 1 and 65535');
});
