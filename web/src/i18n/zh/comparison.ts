import type { Messages } from '../en';

export const changes: Messages['changes'] = {
  failed: '失败',
  moved: '切换',
  recovered: '恢复',
  pending: '测量中',
  no_data: '无数据',
  before_only: '仅在之前',
  after_only: '仅在之后',
  unchanged: '无变化',
};

export const comparison: Messages['comparison'] = {
  title: '前后对比',
  open: '逐个城市对比',
  loading: '对比中…',
  before: '之前',
  after: '之后',
  otherTarget: '两次测试的请求内容或方式不同，耗时也会因此有差别。',
  caption: (url) => `两次测试 ${url} 之间各城市的变化`,
  change: '变化',
  delta: (phase) => `${phase}差值`,
  ttfb: 'TTFB',
  edge: '边缘节点',
  other: '其他',
  status: '状态码',
  unknownEdge: '未标明',
  headerChanges: '有变化的响应头',
  headerDifferences: '目前各城市之间不一致的响应头',
  noHeader: '不存在',
  inCities: (value, cities) => `${value}（${cities}）`,
  differs: (name, values) => `${name}：${values}`,
};

export const verdict: Messages['verdict'] = {
  moved: (cities, total) => `${total}中有 ${cities} 个切换了边缘节点`,
  nobodyMoved: (total) => `${total}都没有切换边缘节点`,
  detail: (summary, details) => `${summary}：${details}`,
  failed: (cities) => `现在失败：${cities}`,
  recovered: (cities) => `恢复响应：${cities}`,
  pending: (cities) => `仍在测量：${cities}`,
  noData: (cities) => `无数据：${cities}`,
  oneTest: (cities) => `只在其中一次测试中：${cities}`,
  answered: (cities, total, status) => `${total} 个中有 ${cities} 个返回 ${status}`,
  alsoAnswered: (cities, status) => `${cities} 个返回 ${status}`,
  silent: (cities) => `${cities} 个城市没有响应`,
};
