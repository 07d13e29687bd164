import type { Messages } from '../en';

export const bar: Messages['bar'] = {
  title: '各阶段',
  scale: (ms) => `0–${ms} ms`,
  piece: (name, ms) => `${name} ${ms}`,
  sum: (parts, ttfb) => `${parts.join(' + ')} = TTFB ${ttfb} ms`,
  reached: (parts) =>
    parts.length === 0 ? '没有到达任何阶段' : `${parts.join(' + ')} ms，没有首字节`,
  milliseconds: (piece) => `${piece} ms`,
  failedIn: (phase) => `在${phase}阶段失败`,
  underWay: (state, ms) => `${state}，已过 ${ms} ms`,
  noData: '无数据',
  noPhase: '未到达任何阶段',

  legend: '条形图的含义',
  about: (ms) =>
    `所有条形使用同一刻度：0 至 ${ms} ms，更长的部分被截去。DNS、连接、TLS、等待与其他相加即为 TTFB。`,
  other: '其他：探针自身的耗时',
  afterTtfb: '传输：在 TTFB 之后',
  failed: '在此失败',
  sample: '一个样本的首字节',
};
