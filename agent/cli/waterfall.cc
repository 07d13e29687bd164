#include "agent/cli/waterfall.h"

#include <fmt/format.h>

#include <algorithm>

#include "agent/cli/phase_bars.h"
#include "agent/cli/sample_table.h"
#include "common/edge.h"
#include "common/rating.h"
#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

constexpr std::size_t kFactLabel = 10;

std::string tcp_text(const TcpConnection& tcp) {
  std::string text = fmt::format("RTT {}", millis_text(tcp.rtt));
  if (tcp.min_rtt) text += fmt::format(", least {}", millis_text(tcp.min_rtt));
  return text + fmt::format(", {} retransmitted, {}", tcp.retransmits, tcp.congestion_control);
}

std::string resolver_text(const DnsAnswer& dns) {
  return (dns.resolver.empty() ? "the system's" : dns.resolver) +
         (dns.over_tcp.value_or(false) ? ", by TCP" : "");
}

std::string control_text(const ControlCheck& control) {
  return fmt::format("{}, {}, {}", control.url,
                     control.cause ? fmt::format("failed: {}", to_string(*control.cause))
                                   : fmt::format("TTFB {}", millis_text(control.ttfb)),
                     format_rfc3339(control.measured_at, false));
}

std::string validity(WallTime not_after, WallTime now) {
  const auto days = std::chrono::floor<std::chrono::days>(not_after - now).count();
  return fmt::format("{} ({})", format_rfc3339(not_after, false),
                     days >= 0 ? fmt::format("{} days left", days) : "expired");
}

class Waterfall {
 public:
  explicit Waterfall(const TextStyle& style) : style_(style) {}

  std::string render(const Measurement& m) {
    for (std::size_t i = 0; i < m.redirects.size(); ++i) redirect(m, i);
    text_ += to_utf8(m.url) + "\n";
    exchange(m);
    connection(m);
    headers(m);
    text_ += sample_table(m, style_);
    return std::move(text_);
  }

 private:
  // Each has a time axis of its own: it is an exchange of its own.
  void redirect(const Measurement& m, std::size_t at) {
    const Measurement& hop = m.redirects[at];
    text_ += fmt::format("redirect {} of {}: {}\n", at + 1, m.redirects.size(), to_utf8(hop.url));
    exchange(hop);
    text_ += '\n';
    for (const auto& [name, value] : hop.headers) {
      if (name == "location") fact(name, value);
    }
    fact("remote", endpoint_text(hop.remote));
    if (hop.tls) fact("tls", tls_text(*hop.tls));
    text_ += '\n';
  }

  void exchange(const Measurement& m) {
    outcome(m);
    if (m.self_check) warnings(*m.self_check);
    const std::string bars = phase_bars(m.timings, style_);
    if (!bars.empty()) text_ += "\n" + bars;
  }

  void outcome(const Measurement& m) {
    if (m.failure) {
      text_ += painted(style_, Colour::kRed, failure_text(*m.failure)) + "\n";
      text_ += wrapped(to_utf8(m.failure->message), 2, style_.width);
    }
    if (!m.status) return;
    text_ += fmt::format("status {}, HTTP/{}", *m.status, m.http_version);
    if (const auto edge = builtin_edges().find(m.headers)) {
      text_ += fmt::format(", edge {} ({})", edge->name, edge->header);
    }
    text_ += fmt::format(", {}\n", to_string(rate(m)));
  }

  void warnings(const SelfCheck& self_check) {
    const auto warn = [&](const std::string& what) {
      text_ += painted(style_, Colour::kRed, wrapped(what, 0, style_.width));
    };
    if (self_check.overloaded) {
      warn(
          fmt::format("OVERLOADED: this agent's loop was {} late. What is marked ~, and other, is "
                      "the agent's doing, not the network's.",
                      millis_text(self_check.loop_lag)));
    }
    if (self_check.clock_stepped) {
      warn("CLOCK SET: the wall clock was set meanwhile, so the kernel's stamps were of no use.");
    }
  }

  void fact(std::string_view label, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("  {:<{}}  {}\n", label, kFactLabel, to_utf8(value));
  }

  static std::string tls_text(const TlsFacts& tls) {
    return fmt::format("{}, {}{}", tls.version, tls.cipher, tls.resumed ? ", resumed" : "");
  }

  void connection(const Measurement& m) {
    text_ += '\n';
    fact("remote", endpoint_text(m.remote));
    fact("local", endpoint_text(m.local));
    if (m.family != Family::kAny) fact("family", to_string(m.family));
    if (m.reuse != Reuse::kCold) fact("reuse", to_string(m.reuse));
    if (m.tcp) fact("tcp", tcp_text(*m.tcp));
    if (m.dns) lookup(*m.dns);
    if (m.tls) {
      fact("tls", tls_text(*m.tls));
      fact("subject", m.tls->subject);
      fact("issuer", m.tls->issuer);
      if (m.tls->not_after) fact("not after", validity(*m.tls->not_after, m.measured_at));
    }
    if (m.status && m.body_bytes) {
      fact("body", fmt::format("{} bytes{}", *m.body_bytes,
                               m.body_truncated ? ", then reading stopped" : ""));
    }
    fact("measured", format_rfc3339(m.measured_at));
    if (!m.self_check) return;
    fact("loop lag", millis_text(m.self_check->loop_lag));
    if (m.self_check->control) fact("control", control_text(*m.self_check->control));
  }

  void lookup(const DnsAnswer& dns) {
    fact("resolver", resolver_text(dns));
    for (const std::string& name : dns.cnames) fact("cname", name);
    for (const ResolvedAddress& resolved : dns.addresses) {
      fact("address", fmt::format("{}, TTL {} s", resolved.address, resolved.ttl.count()));
    }
    if (dns.omitted > 0) fact("", fmt::format("({} more records came than are kept)", dns.omitted));
  }

  void headers(const Measurement& m) {
    if (m.headers.empty()) return;
    text_ += '\n';
    for (const auto& [name, value] : m.headers) {
      text_ += fmt::format("  {}: {}\n", to_utf8(name), to_utf8(value));
    }
    if (m.headers_truncated) text_ += "  (more headers came than are kept)\n";
  }

  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string waterfall(const Measurement& measurement, const TextStyle& style) {
  return Waterfall(style).render(measurement);
}

}  // namespace firstbyte::agent
