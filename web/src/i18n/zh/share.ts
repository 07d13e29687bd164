import type { Messages } from '../en';

export const share: Messages['share'] = {
  open: '分享',
  link: '复制当前页面的链接',
  text: '复制为聊天文本',
  csv: '表格（CSV）',
  json: '数据（JSON）',
  tablePicture: '表格图片（PNG）',
  mapPicture: '地图图片（PNG）',
  report: '可离线查看的报告（HTML）',

  linkCopied: '链接已复制',
  textCopied: '文本已复制',
  copyByHand: '浏览器不允许在此访问剪贴板，请手动复制。',
  working: '处理中…',
  saved: (file) => `已保存为 ${file}`,
  failed: '操作失败，没有保存任何内容。',

  heading: (url, time) => `${url}，测试于 ${time}`,
  compared: (url, before, after) => `${url}，对比 ${before} → ${after}`,
  times: (median, worst, city) => `TTFB 中位数 ${median} ms，最慢 ${worst} ms（${city}）`,
  underWay: (cities) => `${cities}仍在测量`,
  failures: (causes) => `失败：${causes}`,
  cause: (cause, cities) => `${cause}（${cities}）`,

  vantage: '从数据中心的观测点测得，并非来自家庭网络。',
};

export const report: Messages['report'] = {
  all: '所有城市',
  each: '逐个城市',
  title: (url) => `${url} 的测试`,
  origin: '永久链接',
  offline:
    '此文件既不需要网络，也不需要脚本。收集器的数据以 JSON 形式保存在 firstbyte-test 元素中。',
};

export const present: Messages['present'] = {
  enter: '演示',
  leave: '退出演示',
};
