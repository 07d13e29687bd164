import type { Messages } from '../en';

const REGIONS: Record<string, string> = {
  Africa: '非洲',
  Asia: '亚洲',
  Europe: '欧洲',
  'Middle East': '中东',
  'North America': '北美洲',
  Oceania: '大洋洲',
  'South America': '南美洲',
};

export const options: Messages['options'] = {
  title: '选项',
  citiesOf: (chosen, all) => `${all}中的 ${chosen} 个`,
  notLoaded: '选项无法加载。请收起后重新展开再试。',

  method: '方法',
  body: '请求体',
  httpVersion: 'HTTP 版本',
  autoVersion: '与服务器协商',
  family: '地址族',
  anyFamily: '不限：先 IPv4，没有则 IPv6',
  bothFamilies: '两者并列',
  samples: '样本数',
  reuse: '复用',
  cold: '冷：不复用',
  resumed: '恢复会话：复用 TLS 会话',
  warm: '热：复用连接',
  redirects: '跟随重定向次数',
  timeout: '时限（ms）',
  resolver: '解析器（IP 或 IP:端口）',
  ownResolver: '探针自己的',
  connectTo: '直连地址（IP 或 IP:端口）',
  lookedUp: '由 DNS 决定',

  requestHeaders: '请求头',
  responseHeaders: '响应头',
  headerName: '名称',
  headerValue: '值',
  anyValue: '任意',
  addHeader: '添加标头',
  removeHeader: (name) => `移除标头 ${name}`,
  secrets:
    'Authorization、Cookie 以及名称以 -key、-secret 或 -token 结尾的标头，其值只发送给探针：' +
    '不会显示给任何人，以后的测试需要重新输入。',
  notKept: '此值未被保存：请重新输入，或移除该标头。',
  twice: (name) => `预期中有两个 ${name}`,
  typeAgain: (name) => `${name} 的值未被保存：请重新输入，或移除该标头`,

  limits: '各阶段的时限（ms）',
  expectations: '预期：不符合则探测失败',
  status: '状态码',
  statusExample: '200 或 200-299',
  certificateDays: '证书剩余天数（至少）',
  ttfb: 'TTFB 上限（ms）',

  cities: '城市',
  all: '全选',
  none: '全不选',
  allOf: (region) => `全选：${region}`,
  noneOf: (region) => `全不选：${region}`,
  region: (region) => REGIONS[region] ?? region,
  elsewhere: '此处未知',

  cost: (samples) => `计为 ${samples} 个样本。`,
  left: (samples, limit) => `上次测试后，每分钟 ${limit} 个中还剩 ${samples} 个。`,
  reset: '重置选项',
  link: '复制此表单的链接',
  ignored: (options) => `此页面地址中的以下选项无效，已忽略：${options.join('，')}。`,
};
