import type { Messages } from '../en';

export const header: Messages['header'] = {
  claim: '各个城市多快收到首字节，又是哪个边缘节点发出的。',
};

export const footer: Messages['footer'] = {
  about:
    '除非测试另有要求，每个城市只发出一个冷请求：不用 DNS 缓存，不复用连接，不恢复 TLS 会话。' +
    'TTFB 从探测开始计到响应的首字节。各阶段以内核在数据包上打的时间戳计时；缺少时间戳时改用探针' +
    '自己的时钟，并对该阶段加以标记。探针自身的耗时单独列出。',
  vantage: '各城市是数据中心里的观测点，不是家庭网络：访客接入互联网的那一段耗时不在其中。',
  data: '数据',
  testAsJson: '本次测试的 JSON',
  api: 'API',
  signOut: '退出登录',
};

export const form: Messages['form'] = {
  url: 'URL',
  start: '开始测试',
  again: '再测一次',
  testing: '测试中…',
  badPort: '端口必须在 1 到 65535 之间',
  badUrl: '这不是有效的 URL；它应当形如 https://example.com/',
};

export const signIn: Messages['signIn'] = {
  title: '此收集器不公开',
  about:
    '请用 API 令牌登录：令牌需有 `read` 权限，若还要发起测试则需 `tests:run` 权限。令牌由管理员用 ' +
    '`firstbyte-collector tokens create` 创建。令牌不会保存在此浏览器中；登录状态保持十二小时。',
  token: 'API 令牌',
  signIn: '登录',
  signingIn: '登录中…',
};

export const missing: Messages['missing'] = {
  title: '无法显示此测试',
  beforeStartPage: '测试保存在运行它的收集器上：请检查地址，或在上方开始新的测试。各城市见',
  startPage: '首页',
  afterStartPage: '。',
};

export const statusBar: Messages['statusBar'] = {
  citiesDone: '已完成的城市',
  progress: (answered, cities) => `${answered} / ${cities}`,
  loading: '加载中…',
  reconnecting: '连接中断，正在重连…',
  ended: (progress) => `实时更新已中断；最后一次更新时的进度：${progress}已完成。`,
  restarted: '本次测试期间收集器曾重启，随后继续了测试。',
};

export const copyLink: Messages['copyLink'] = {
  copy: '复制链接',
  copied: '链接已复制',
  permanent: '永久链接',
};

export const collector: Messages['collector'] = {
  silent: (seconds) => `收集器在 ${seconds} 秒内没有应答。`,
  unreachable: '无法连接收集器。',
  notUnderstood: '收集器的应答无法识别。',
  status: (status) => `收集器应答 ${status}。`,
};
