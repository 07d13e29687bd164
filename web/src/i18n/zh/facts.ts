import type { Messages } from '../en';

export const facts: Messages['facts'] = {
  connection: '连接',
  tls: 'TLS',
  dns: 'DNS',
  measurement: '测量',
  selfCheck: '自检',

  remote: '远端地址',
  local: '本地地址',
  family: '地址族',
  reuseLabel: '复用',
  reuse: {
    cold: '冷：新连接',
    resumed: '恢复会话：新连接，沿用先前的 TLS 会话',
    warm: '热：沿用先前的连接',
  },
  httpVersion: 'HTTP 版本',
  body: '响应体',
  bodyRead: (size) => `已读取 ${size}`,
  bodyTruncated: (size) => `读取 ${size} 后停止`,
  kernelRtt: '内核 RTT',
  rttWithLeast: (rtt, least) => `${rtt}，最小 ${least}`,
  retransmits: '重传',
  congestionControl: '拥塞控制',
  edge: '边缘节点',
  edgeIn: (edge, city, country) => `${edge}（${city}，${country}）`,
  edgeReadFrom: (edge, header) => `${edge}，读自 ${header}`,
  edgeReadBy: (edge, header, take) => `${edge}，读自 ${header}（规则：${take}）`,

  version: '版本',
  resumed: '恢复会话',
  cipher: '密码套件',
  subject: '证书主体',
  issuer: '颁发者',
  notAfter: '有效期至',
  daysLeft: (end, days) =>
    days === 0 ? `${end}（测量时剩余不足一天）` : `${end}（测量时剩余 ${days} 天）`,
  daysPast: (end, days) =>
    days === 0 ? `${end}（测量时刚过期不足一天）` : `${end}（测量时已过期 ${days} 天）`,

  resolver: '解析器',
  transport: '传输协议',
  udp: 'UDP',
  tcp: 'TCP：应答太长，一个数据报装不下',
  addresses: '地址',
  address: (address, ttlSeconds) => `${address}（TTL ${ttlSeconds} 秒）`,
  cnames: 'CNAME 记录',
  notKept: '未保留',
  moreRecords: (records) => `另有 ${records} 条记录`,

  measuredAt: '测量时间',
  receivedAt: '接收时间',
  clockOffset: '时钟偏差',

  loopLag: '事件循环延迟',
  overloaded: '过载',
  clockStep: '时钟跳变',
  controlTarget: '对照目标',

  yes: '是',
  no: '否',
};

export const hints: Messages['hints'] = {
  reuse: '本次探测沿用了上一次的什么',
  kernelRtt: '内核测得的 SYN 到 SYN-ACK 时间，以及整个连接中的最小值',
  clockOffset: '探针的时钟减去收集器的时钟：探针偏快为正，偏慢为负。误差为最快一次往返时间的一半。',
  loopLag: '到期或到达的事项等待探针处理的最长时间',
  clockStep: '探测期间系统时间被重新设置',
  controlTarget: '探针用来确认自身正常的目标',
};

export const selfCheck: Messages['selfCheck'] = {
  title: '探针状况',
  refused: '探针过载：正在运行的探测已经太多，因此拒绝了这次探测。',
  overloaded: (lag) =>
    `探针过载（最多延迟 ${lag}）：由它自己的时钟得出的数值不可信，即“其他”、包含它的 TTFB 和总计，以及带 ≈ 的阶段。`,
  clockStepped: '探测期间探针的系统时间被重新设置：内核的时间戳一概不予采信，改用探针自己的时钟。',
  controlFails: (cause) =>
    `探针的对照目标从此处也探测失败（${cause}）：有问题的可能是这个城市，而不是目标。`,
  ok: '正常',
  failing: (cause) => `失败：${cause}`,
  withTtfb: (outcome, ms) => `${outcome}，TTFB ${ms} ms`,
  control: (outcome, url, time) => `${outcome}（${url}，${time}）`,
};
