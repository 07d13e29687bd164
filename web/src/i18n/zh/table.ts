import type { Messages } from '../en';

export const differences: Messages['differences'] = {
  title: (headers) => `${headers} 个响应头在各城市之间不一致`,
};

export const curl: Messages['curl'] = {
  title: '用 curl 重复',
  about: '向同一地址发出同样的请求，适用于 POSIX shell。时间为从开始算起的秒数。',
  copy: '复制为 curl 命令',
  secrets: (variables) => `收集器不保存密钥：请先把它们放入 ${variables}。`,
  coldOnly: '这个样本沿用了上一个样本的内容；此命令会建立新连接。',
  resolver: '指定其他解析器需要以 c-ares 构建的 curl。',
  withoutNul: '请求体含有 NUL 字符，命令行无法传递，已省略。',
};

export const json: Messages['json'] = {
  title: 'JSON 格式的结果',
  copy: '复制 JSON',
};

export const copyText: Messages['copyText'] = {
  copied: '已复制',
  byHand: '请手动复制',
};
