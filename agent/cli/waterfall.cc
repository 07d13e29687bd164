#include "agent/cli/waterfall.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "common/edge.h"
#include "common/rating.h"
#include "common/utf8.h"

namespace firstbyte::agent {
namespace {

constexpr std::size_t kLabel = 10;
constexpr std::size_t kNumber = 14;
constexpr std::size_t kBarAt = 2 + kLabel + kNumber + 3;  // the column where the time axis begins

constexpr int kRed = 31;
constexpr int kGrey = 90;
constexpr std::array<int, kPhaseCount> kPhaseColours{36, 33, 35, 32, 34};

struct Glyphs {
  std::string_view full, light, line, left, right;
};
constexpr Glyphs kBlocks{"█", "░", "─", "├", "┤"};
constexpr Glyphs kAscii{"#", ".", "-", "|", "|"};

std::string tcp_text(const TcpConnection& tcp) {
  std::string text = fmt::format("RTT {}", millis_text(tcp.rtt));
  if (tcp.min_rtt) text += fmt::format(", least {}", millis_text(tcp.min_rtt));
  return text + fmt::format(", {} retransmitted, {}", tcp.retransmits, tcp.congestion_control);
}

std::string repeated(std::string_view glyph, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += glyph;
  return text;
}

class Waterfall {
 public:
  Waterfall(const Measurement& measurement, const TextStyle& style)
      : m_(measurement),
        style_(style),
        glyphs_(style.unicode ? kBlocks : kAscii),
        columns_(style.width - kBarAt) {}

  std::string render() {
    text_ = to_utf8(m_.url) + "\n";
    outcome();
    if (std::ranges::any_of(kPhases,
                            [&](Phase phase) { return m_.timings.span(phase).has_value(); }))
      bars();
    connection();
    headers();
    return std::move(text_);
  }

 private:
  std::string painted(int colour, std::string_view what) const {
    if (!style_.colour || what.empty()) return std::string(what);
    return fmt::format("\x1b[{}m{}\x1b[0m", colour, what);
  }

  void outcome() {
    if (m_.failure) {
      const Failure& failure = *m_.failure;
      const std::string where =
          failure.phase ? fmt::format("failed in {}", to_string(*failure.phase)) : "failed";
      text_ += fmt::format("{}: {} ({})\n", painted(kRed, where), to_string(failure.cause),
                           to_string(failure.origin));
      text_ += wrapped(to_utf8(failure.message), 2, style_.width);
    }
    if (!m_.status) return;
    text_ += fmt::format("status {}, HTTP/{}", *m_.status, m_.http_version);
    if (const auto edge = find_edge(m_.headers)) {
      text_ += fmt::format(", edge {} ({})", edge->name, edge->header);
    }
    text_ += fmt::format(", {}\n", to_string(rate(m_)));
  }

  // The first and one past the last column of a stretch of time; at least one, else a short phase
  // would not be seen.
  std::pair<std::size_t, std::size_t> cells(Micros begin, Micros end) const {
    const auto column = [&](Micros at) {
      return static_cast<double>(at.count()) * static_cast<double>(columns_) /
             static_cast<double>(m_.timings.total().count());
    };
    const std::size_t first = std::min(static_cast<std::size_t>(column(begin)), columns_ - 1);
    const auto last = static_cast<std::size_t>(std::lround(column(end)));
    return {first, std::clamp(last, first + 1, columns_)};
  }

  void note(std::string_view text) { text_ += painted(kGrey, fmt::format("  {}", text)) + "\n"; }

  void row(std::string_view label, std::optional<Micros> duration, std::string_view bar) {
    text_ += fmt::format("  {:<{}}{:>{}}", label, kLabel, millis_text(duration), kNumber);
    if (!bar.empty()) text_ += fmt::format("   {}", bar);
    text_ += '\n';
  }

  std::string bar_of(int colour, std::string_view glyph, Micros begin, Micros end) const {
    const auto [first, last] = cells(begin, end);
    return std::string(first, ' ') + painted(colour, repeated(glyph, last - first));
  }

  // From the start to `end`.
  std::string ruler(Micros end) const {
    const std::size_t last = cells(Micros{0}, end).second;
    if (last < 2) return std::string(glyphs_.right);
    return fmt::format("{}{}{}", glyphs_.left, repeated(glyphs_.line, last - 2), glyphs_.right);
  }

  void bars() {
    const std::string total = millis_text(m_.timings.total());
    text_ += fmt::format("\n{}0{:>{}}\n", std::string(kBarAt, ' '), total, columns_ - 1);
    bool any_unstamped = false;
    for (const Phase phase : kPhases) {
      const std::optional<Span>& span = m_.timings.span(phase);
      const int colour = kPhaseColours.at(static_cast<std::size_t>(phase));
      const bool unstamped = span && span->clock == Span::Clock::kAgent;
      any_unstamped = any_unstamped || unstamped;
      row(fmt::format("{}{}", to_string(phase), unstamped ? " ~" : ""), m_.timings.duration(phase),
          span ? bar_of(colour, glyphs_.full, span->begin, span->end) : "");
    }
    row("other", m_.timings.other(), gaps());
    row("TTFB", m_.timings.ttfb(), m_.timings.ttfb() ? ruler(*m_.timings.ttfb()) : "");
    row("total", m_.timings.total(), ruler(m_.timings.total()));
    note("other is this agent's own time, not the network's");
    if (any_unstamped) note("~ by the agent's own clock: the kernel had no stamp for it");
  }

  // What no phase covers; stretches of less than half a column would look like more than they are.
  std::string gaps() const {
    std::vector<bool> own(columns_, false);
    const Micros half = m_.timings.total() / (2 * static_cast<std::int64_t>(columns_));
    const auto mark = [&](Micros begin, Micros end) {
      if (end - begin <= half) return;
      const auto [first, last] = cells(begin, end);
      for (std::size_t at = first; at < last; ++at) own[at] = true;
    };
    Micros at{0};
    for (const Phase phase : kPhases) {
      const std::optional<Span>& span = m_.timings.span(phase);
      if (!span) continue;
      mark(at, span->begin);
      at = span->end;
    }
    mark(at, m_.timings.total());
    std::string bar;
    for (const bool is_own : own) bar += is_own ? glyphs_.light : " ";
    bar.resize(bar.find_last_not_of(' ') + 1);
    return painted(kGrey, bar);
  }

  void fact(std::string_view label, std::string_view value) {
    if (!value.empty()) text_ += fmt::format("  {:<{}}  {}\n", label, kLabel, to_utf8(value));
  }

  void connection() {
    text_ += '\n';
    fact("remote", endpoint_text(m_.remote));
    fact("local", endpoint_text(m_.local));
    if (m_.tcp) fact("tcp", tcp_text(*m_.tcp));
    if (m_.dns) {
      fact("resolver", m_.dns->resolver.empty() ? "the system's" : m_.dns->resolver);
      for (const std::string& name : m_.dns->cnames) fact("cname", name);
      for (const ResolvedAddress& resolved : m_.dns->addresses) {
        fact("address", fmt::format("{}, TTL {} s", resolved.address, resolved.ttl.count()));
      }
    }
    if (m_.tls) {
      fact("tls", fmt::format("{}, {}", m_.tls->version, m_.tls->cipher));
      fact("subject", m_.tls->subject);
      fact("issuer", m_.tls->issuer);
      if (m_.tls->not_after) fact("not after", validity(*m_.tls->not_after));
    }
    fact("measured", format_rfc3339(m_.measured_at));
  }

  std::string validity(WallTime not_after) const {
    const auto days = std::chrono::floor<std::chrono::days>(not_after - m_.measured_at).count();
    return fmt::format("{} ({})", format_rfc3339(not_after, false),
                       days >= 0 ? fmt::format("{} days left", days) : "expired");
  }

  void headers() {
    if (m_.headers.empty()) return;
    text_ += '\n';
    for (const auto& [name, value] : m_.headers) {
      text_ += fmt::format("  {}: {}\n", to_utf8(name), to_utf8(value));
    }
    if (m_.headers_truncated) text_ += "  (more headers came than are kept)\n";
  }

  const Measurement& m_;
  const TextStyle& style_;
  const Glyphs& glyphs_;
  const std::size_t columns_;  // of the time axis
  std::string text_;
};

}  // namespace

std::string waterfall(const Measurement& measurement, const TextStyle& style) {
  return Waterfall(measurement, style).render();
}

}  // namespace firstbyte::agent
