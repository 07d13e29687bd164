import type { Messages } from '../en';

export const map: Messages['map'] = {
  title: '地图',
  about: (url) => `各城市访问 ${url} 时由哪个边缘节点响应`,
  noData: '无数据',
  measuring: '测量中',
  edge: '边缘节点',
  unusedEdge: '没有响应任何城市的边缘节点',
  formerly: '之前的响应者',
  city: (city, sign, ttfb) => `${city}：${sign}，TTFB ${ttfb} ms`,
  cityWithout: (city, sign) => `${city}：${sign}`,
  by: (city, edge) => `${city}，由 ${edge} 响应`,
  catchments: '边缘节点及其响应的城市',
  site: (edge, site) => `${edge}，${site}`,
  nobody: '没有城市',
  unplaced: (edges) => `不在地图上，因为没有人说明它们的位置：${edges}。`,
  unplacedEdge: (edge, cities) => `${edge}（${cities} 个城市）`,
  noCatalogue: '收集器没有说明还有哪些边缘节点。',
};
