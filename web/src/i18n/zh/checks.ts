import type { Messages } from '../en';

export const checkStates: Messages['checkStates'] = {
  finished: '完成',
  failed: '失败',
  no_data: '无数据',
};

export const checks: Messages['checks'] = {
  title: '定时检查',
  every: (span) => `每 ${span}一次`,
  unassigned: '还没有城市接到它',
  tallied: (state, cities) => `${state}：${cities}`,
  stale: (time) => `截至 ${time}：收集器没有响应。`,
  caption: (name) => `各城市在检查 ${name} 中的状态`,
  neither: '“无数据”既不算正常也不算故障：该探测的时刻已过，却没有任何消息。',
  state: '状态',
  last: '最近的结果',
  slots: '应有探测的结果',
  noResult: '还没有',
  stored: (stored, expected, since) => `自 ${since} 起应有 ${expected} 次，存有 ${stored} 次`,
  late: (slots) => `${slots} 次偏晚`,
  skipped: (slots) => `探针跳过 ${slots} 次`,
  noData: (slots) => `${slots} 次无数据`,
};
