import type { Cause, Phase, Rating } from '../../api/types';
import type { Messages } from '../en';
import { phases } from './test';

type Table = Record<string, string>;

const CITIES: Table = {
  'New York': '纽约',
  'Los Angeles': '洛杉矶',
  Amsterdam: '阿姆斯特丹',
  Hangzhou: '杭州',
  Chengdu: '成都',
  'Hong Kong': '香港',
  Shenzhen: '深圳',
  Sydney: '悉尼',
  Wuhan: '武汉',
  Frankfurt: '法兰克福',
  London: '伦敦',
  Singapore: '新加坡',
  Tokyo: '东京',
  'São Paulo': '圣保罗',
};

const CAUSES: Record<Cause, string> = {
  nxdomain: '域名不存在',
  servfail: '解析失败',
  no_address: '没有可用地址',
  bad_answer: 'DNS 应答无效',
  refused: '连接被拒绝',
  unreachable: '网络不可达',
  reset: '连接被重置',
  closed: '连接提前关闭',
  timeout: '超时',
  unknown_issuer: '证书颁发者未知',
  name_mismatch: '证书名称不匹配',
  expired: '证书已过期',
  handshake: 'TLS 握手失败',
  protocol: '协议错误',
  address_not_allowed: '地址不允许探测',
  invalid_url: 'URL 无效',
  cancelled: '探测已取消',
  overloaded: '探针过载',
  offline: '探针离线',
  deadline: '超过截止时间',
  internal: '探针内部错误',
  not_yet_valid: '证书尚未生效',
  self_signed: '自签名证书',
  bad_certificate: '证书不可接受',
  alert: 'TLS 警报',
  port_not_allowed: '端口不允许探测',
  unsupported: '不支持',
  bad_redirect: '重定向无效',
  too_many_redirects: '重定向过多',
  unexpected_status: '状态码不符合预期',
  unexpected_header: '响应头不符合预期',
  certificate_expiring: '证书即将过期',
  too_slow: '响应过慢',
};

const ORIGINS: Table = {
  target: '目标',
  resolver: '解析器',
  network: '网络',
  agent: '探针',
};

const RATINGS: Record<Rating, string> = {
  excellent: '优秀',
  good: '良好',
  slow: '缓慢',
  failed: '失败',
};

const AGENT_STATES: Table = { connected: '已连接', offline: '离线' };

const origin = (name: string) => nameIn(ORIGINS, name);

export const names: Messages['names'] = {
  city: (city) => nameIn(CITIES, city),
  cause: (cause) => nameIn(CAUSES, cause),
  origin,
  rating: (rating) => nameIn(RATINGS, rating),
  agentState: (state) => nameIn(AGENT_STATES, state),
  place: (phase: Phase | null, from) =>
    phase === null ? origin(from) : `${phases[phase]}，${origin(from)}`,
};

/** A name that came after this table is shown as it came. */
function nameIn(table: Table, name: string): string {
  return Object.hasOwn(table, name) ? table[name]! : name;
}
