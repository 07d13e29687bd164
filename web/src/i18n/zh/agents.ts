import type { Messages } from '../en';

export const agents: Messages['agents'] = {
  title: '城市',
  unreachable: (time) => `自 ${time} 起无法连接收集器。`,
  unknown: '不清楚哪些城市已连接；页面会继续询问。',
  connectedOf: (connected, cities) => `${cities}中有 ${connected} 个已连接。`,
  start: '开始测试：每个城市同时对该 URL 测量一次。',
  none: '有城市连接后即可开始测试。',
  spoolFailing: '暂存区故障',
  lostMark: (lost) => `丢失 ${lost} 条`,

  lastSeen: '最后在线',
  connected: '已连接',
  since: (time) => `自 ${time} 起`,
  lastResult: '最近的结果',
  spool: '暂存区',
  clock: '时钟',
  clockSet: '时钟被设置',
  lost: '丢失',
  nothing: '无',
  results: (results) => `${results} 条结果`,
  gap: (number) => `缺口 ${number}`,
  gapOf: (results, reason, time) => `${results}：${reason}（${time}）`,

  spooled: (results, size, time) => `${results}，${size}（${time}）`,
  spooledSince: (results, size, age, time) => `${results}，${size}，最早的距今 ${age}（${time}）`,
  notDurable: (error) => `未能持久保存：${error}`,
  putAside: (time) => `一个无法读取的暂存区已于 ${time} 移到一旁`,
  setBack: (span, time) => `比收集器的时钟倒退 ${span}，${time}`,
  setAhead: (span, time) => `比收集器的时钟快进 ${span}，${time}`,
};

export const gaps: Messages['gaps'] = {
  spool_full: '探针的暂存区已满',
  spool_too_old: '在探针的暂存区中存放过久',
  spool_write_failed: '探针的磁盘无法写入',
  spool_unreadable: '探针的暂存区无法读取',
  unreported: '探针没有说明原因',
};
