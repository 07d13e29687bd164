import type { Messages } from '../en';

export const detail: Messages['detail'] = {
  measuring: (city, state) => `${city}仍在测量（${state}）。`,
  lateBefore: (time) => `结果在截止时间之后于 ${time} 到达：`,
  lateAfter: '。该结果予以保留，但按无数据计。',
  lateAnswer: (status, ttfb) => `HTTP 状态码 ${status}，TTFB ${ttfb}`,
  copyLink: '复制此城市的链接',
};

export const redirect: Messages['redirect'] = {
  title: '重定向',
  notFollowed: '没有跟随这个重定向：计时的就是它本身。',
  testNext: '接着测试它',
};

export const headers: Messages['headers'] = {
  title: '响应头',
  none: '没有收到响应头。',
  edge: '边缘节点',
  hidden: '不可见字符，以其编号表示',
  longer: (characters) => `共 ${characters} 个字符：显示全部`,
  truncated: '响应头的数量超出了探针保留的上限。',
};

export const hops: Messages['hops'] = {
  title: '跳转',
  about: '每次重定向都是一次独立的请求，画在同一条时间轴上；城市的数值取自最后一次。',
  ofSample: (sample) => `样本 ${sample}`,
  noAnswer: '无响应',
  newHost: '新主机',
  newHostHint: '与上一跳不是同一主机',
};

export const samples: Messages['samples'] = {
  title: '样本',
  family: '地址族',
  reuse: '复用',
  inRow: '本行',
  inRowHint: '城市所在行显示的是它的数值',
  redirects: '经过的重定向次数',
  ofKind: (kind, summary) => `${kind}：${summary}`,
  range: (median, least, most) => `${median} (${least}–${most})`,
  withKind: (kind, ttfb) => `${kind} ${ttfb}`,
  count: (timed, total) =>
    timed === total ? `${total} 个样本` : `${total} 个样本中的 ${timed} 个`,
  inRowMeaning: 'TTFB 中位数（毫秒），括号内为最小值至最大值',
  noTtfb: '没有 TTFB',
  ttfb: (ms) => `TTFB *${ms} ms*`,
  median: (median, least, most) => `TTFB 中位数 *${median} ms*，范围 ${least} 至 ${most} ms`,
  firstBytes: (summary, timed, total) => `${summary}（${total} 个样本中有 ${timed} 个收到首字节）`,
};

export const failure: Messages['failure'] = {
  title: '失败',
  next: '接下来检查：',
  phase: '阶段',
  reached: '已完成',
  nothing: '没有任何阶段',
  outsidePhases: '不在任何阶段',
  origin: '来源',
  cause: '原因',
  tlsAlert: 'TLS 警报',
};
