import type { Messages } from '../en';

export const format: Messages['format'] = {
  minute: (year, month, day, clock) => `${year} 年 ${month} 月 ${day} 日 ${clock} UTC`,
  milliseconds: (milliseconds) => `${milliseconds} 毫秒`,
  seconds: (seconds) => `${seconds} 秒`,
  minutes: (minutes) => `${minutes} 分钟`,
  hours: (hours) => `${hours} 小时`,
  bytes: (bytes) => `${bytes} 字节`,
  agentAhead: (offset) => `${offset}（探针偏快）`,
  agentBehind: (offset) => `${offset}（探针偏慢）`,
  cities: (cities) => `${cities} 个城市`,
  list: (parts) => parts.join('，'),
  clauses: (parts) => parts.join('；'),
};
