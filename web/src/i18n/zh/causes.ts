import type { Messages } from '../en';

export const causes: Messages['causes'] = {
  nxdomain: {
    meaning: '解析器答复说这个域名不存在。',
    next: '检查拼写和域名的注册情况，再检查其名称服务器上的区域。',
  },
  servfail: {
    meaning: '解析器未能查到结果：该域名的名称服务器没有给出可用的应答。',
    next: '直接询问该域名的名称服务器；DNSSEC 损坏是常见原因。',
  },
  no_address: {
    meaning: '域名存在，但没有所要求的地址族的地址。',
    next: '查看它的 A 和 AAAA 记录，或改用另一个地址族测试。',
  },
  bad_answer: {
    meaning: '解析器的应答不合规范，或与查询不对应。',
    next: '用 dig 询问同一个解析器，并与另一个解析器比较。',
  },
  refused: {
    meaning: '对方在线但拒绝了连接：端口上没有服务监听，或被过滤规则拒绝。',
    next: '查看服务是否在运行并监听此地址，以及防火墙拒绝了什么。',
  },
  unreachable: {
    meaning: '网络报告没有通往此地址的路径。',
    next: '查看从这个城市到该地址的路由，以及探针是否有这个地址族。',
  },
  reset: {
    meaning: '连接被对方重置。',
    next: '检查途中的负载均衡和防火墙，以及服务器此时的日志。',
  },
  closed: {
    meaning: '服务器在响应完整之前关闭了连接。',
    next: '查看服务器的错误日志；工作进程崩溃和空闲时限都会这样中断连接。',
  },
  timeout: {
    meaning: '在时限内没有收到任何内容。',
    next: '查看停在哪个阶段：可能是途中丢包，也可能是服务器太慢。',
  },
  unknown_issuer: {
    meaning: '证书的颁发者不受探针信任。',
    next: '检查服务器是否发送了中间证书，以及证书由谁颁发。',
  },
  name_mismatch: {
    meaning: '证书中的名称与所请求的名称不符。',
    next: '将 URL 的主机名与证书比较；默认站点配置错误是常见原因。',
  },
  expired: {
    meaning: '证书已经过期。',
    next: '更新证书，并检查每个边缘节点是否都已换用新证书。',
  },
  handshake: {
    meaning: '双方未能就 TLS 达成一致。',
    next: '比较服务器与探针的 TLS 版本和密码套件。',
  },
  protocol: {
    meaning: '返回的内容不符合 HTTP，或不是所要求的版本。',
    next: '查看这个端口上实际运行的是什么：用 HTTP 访问 HTTPS 端口也会如此。',
  },
  address_not_allowed: {
    meaning: '域名指向探针不允许探测的地址，例如私有地址。',
    next: '检查 DNS 记录；探针的管理员可以用 --allow-network 放行某个网络。',
  },
  invalid_url: {
    meaning: '探针无法请求这个 URL。',
    next: '检查 URL 的协议、主机和端口。',
  },
  cancelled: {
    meaning: '探测在结束前被停止：探针停止运行，或收集器取消了探测。',
    next: '重新运行测试；关于目标尚无任何结论。',
  },
  overloaded: {
    meaning: '探针已经忙不过来，没有开始这次探测。',
    next: '稍后重新运行测试；关于目标尚无任何结论。',
  },
  offline: {
    meaning: '探针没有连接到收集器。',
    next: '检查探针及其到收集器的网络；关于目标尚无任何结论。',
  },
  deadline: {
    meaning: '测试时间结束时，探针还没有上报结果。',
    next: '检查探针及其到收集器的网络；关于目标尚无任何结论。',
  },
  internal: {
    meaning: '探针自身出现了不该发生的故障。',
    next: '查看探针的日志；关于目标尚无任何结论。',
  },
  not_yet_valid: {
    meaning: '证书尚未生效。',
    next: '将证书的生效日期与探针的时钟、颁发者的时钟比较。',
  },
  self_signed: {
    meaning: '证书或其上级证书是自签名的，不是由受信任的机构签发。',
    next: '安装公共机构颁发的证书，或查明是谁在代替服务器应答。',
  },
  bad_certificate: {
    meaning: '证书不可接受：已损坏、已吊销，或不是服务器证书。',
    next: '用 openssl s_client 查看证书及其完整的证书链。',
  },
  alert: {
    meaning: '服务器的 TLS 以警报结束了握手。',
    next: '警报编号说明了原因；检查服务器上该主机名的 TLS 设置。',
  },
  port_not_allowed: {
    meaning: '探针不允许探测这个端口。',
    next: '使用管理员允许的端口；默认为 80、443、8080 和 8443。',
  },
  unsupported: {
    meaning: '探针做不到所要求的事，例如这个 HTTP 版本。',
    next: '选择其他版本，或使用支持它的探针。',
  },
  bad_redirect: {
    meaning: '重定向指向无法跟随的位置。',
    next: '查看最后一跳的 Location 响应头。',
  },
  too_many_redirects: {
    meaning: '重定向的次数超过了允许跟随的次数。',
    next: '在跳转中查看它们是否循环，或允许更多次数。',
  },
  unexpected_status: {
    meaning: '收到了响应，但状态码不符合预期。',
    next: '将状态码和响应头与预期比较。',
  },
  unexpected_header: {
    meaning: '收到了响应，但缺少某个响应头，或其值不符合预期。',
    next: '将响应头与预期比较。',
  },
  certificate_expiring: {
    meaning: '证书仍然有效，但剩余有效期短于预期。',
    next: '更新证书，并查明自动更新为何没有进行。',
  },
  too_slow: {
    meaning: '收到了正常的响应，但首字节晚于预期。',
    next: '在各阶段中查看时间花在哪里，以及其他城市是否也是如此。',
  },
};
