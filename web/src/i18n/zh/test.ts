import type { Messages } from '../en';

export const states: Messages['states'] = {
  dispatched: '已下发',
  dns: 'DNS',
  connect: '连接中',
  tls: 'TLS',
  wait: '等待中',
  transfer: '传输中',
  finished: '完成',
  failed: '失败',
  offline: '离线',
  timed_out: '超时',
};

export const phases: Messages['phases'] = {
  dns: 'DNS',
  connect: '连接',
  tls: 'TLS',
  wait: '等待',
  transfer: '传输',
};

export const phaseHints: Messages['phaseHints'] = {
  dns: '从查询发出到收到应答',
  connect: '从 SYN 到 SYN-ACK',
  tls: '从 ClientHello 到服务器握手的最后一条消息，各轮分别计时',
  wait: '从请求发出到收到响应的首字节',
  transfer: '从首字节到末字节；响应体最多读取 64 KiB',
};

export const columns: Messages['columns'] = {
  city: '城市',
  status: '状态',
  dns: 'DNS',
  connect: '连接',
  tls: 'TLS',
  wait: '等待',
  other: '其他',
  ttfb: 'TTFB',
  rating: '评级',
  edge: '边缘节点',
};

export const families: Messages['families'] = {
  any: '不限',
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  both: 'IPv4 和 IPv6',
};

export const reuse: Messages['reuse'] = {
  cold: '冷',
  resumed: '恢复会话',
  warm: '热',
};

export const outcome: Messages['outcome'] = {
  httpError: 'HTTP 错误状态码：无论多快都评为失败',
  redirect: '重定向',
  notFollowed: '没有跟随这个重定向：计时的就是它本身',
  status: (status) => `HTTP 状态码 ${status}`,
};

export const overloaded: Messages['overloaded'] = {
  word: '过载',
  meaning: '探针过载：由它自己的时钟得出的数值不可信',
};

export const row: Messages['row'] = {
  caption: (url) => `各城市对 ${url} 的测量结果`,
  afterRedirects: (redirects) => `经过 ${redirects} 次重定向`,
  numbersOfLast: (after) => `${after}：数值取自最后一次请求`,
  other: '首字节之前探针自身的耗时：与各阶段相加即为 TTFB',
  ttfb: '从开始到响应的首字节：包括 DNS、连接、TLS 和探针自身的耗时',
  unloaded: '无法加载详情：请重新加载页面。',
  shared: (failed, total) => `${total} 个城市中有 ${failed} 个：`,
  place: (place) => `（${place}）`,
};

export const sort: Messages['sort'] = {
  by: '排序',
  turn: (direction) => (direction === 'ascending' ? '升序：改为降序' : '降序：改为升序'),
};

export const legend: Messages['legend'] = {
  title: '评级',
  about: '按 TTFB 评级，即从探测开始到响应的首字节：',
  excellent: '50 ms 以内',
  good: '100 ms 以内',
  slow: '100 ms 及以上',
  failed: '探测失败或 HTTP 状态码 ≥ 400',
};

export const summary: Messages['summary'] = {
  answered: (answered, cities) => `${cities}中有 ${answered} 个有响应`,
  allWithError: (what) => `，全部返回 ${what}`,
  someWithError: (errors, what) => `，其中 ${errors} 个返回 ${what}`,
  httpError: (statuses) =>
    statuses.length === 1 ? `HTTP ${statuses[0]}` : `HTTP 错误（${statuses.join('、')}）`,
  extremes: (fastest, slowest) => `最快 ${fastest}，最慢 ${slowest}`,
  cutOff: (cities) => `${cities} 个收到首字节，但响应没有结束`,
  allCutOff: (cut, cities) => `${cities}中有 ${cut} 个收到首字节，但响应没有结束`,
  failed: (cities) => `${cities} 个失败`,
  offline: (cities) => `${cities} 个离线`,
  timedOut: (cities) => `${cities} 个超时`,
};

export const target: Messages['target'] = {
  body: (method, size) => `${method}（${size}）`,
  requestHeaders: (headers) => `${headers} 个请求头`,
  connectTo: (address) => `直连 ${address}`,
  resolver: (address) => `解析器 ${address}`,
  redirects: (redirects) => `最多跟随 ${redirects} 次重定向`,
  samples: (samples) => `${samples} 个样本`,
  samplesOf: (samples, kind) => `${samples} 个${kind}样本`,
  timeout: (seconds) => `时限 ${seconds} 秒`,
  limit: (phase, ms) => `${phase}时限 ${ms} ms`,
  expects: (parts) => `预期${parts.join('、')}`,
  status: (status) => `状态码 ${status}`,
  responseHeaders: (headers) => `${headers} 个响应头`,
  certificateDays: (days) => `证书至少还有 ${days} 天有效`,
  ttfb: (ms) => `TTFB 不超过 ${ms} ms`,
};
