#include "agent/cli/phase_bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

namespace firstbyte::agent {
namespace {

constexpr std::size_t kLabel = 10;
constexpr std::size_t kNumber = 14;
constexpr std::size_t kBarAt = 2 + kLabel + kNumber + 3;  // the column where the time axis begins

constexpr std::array kPhaseColours{Colour::kCyan, Colour::kYellow, Colour::kMagenta, Colour::kGreen,
                                   Colour::kBlue};

struct Glyphs {
  std::string_view full, light, line, left, right;
};
constexpr Glyphs kBlocks{"█", "░", "─", "├", "┤"};
constexpr Glyphs kAscii{"#", ".", "-", "|", "|"};

std::string repeated(std::string_view glyph, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += glyph;
  return text;
}

bool is_unstamped(const std::optional<Span>& span) {
  return span && span->clock == Span::Clock::kAgent;
}

// Each stretch of `other`, in the order of time.
std::string other_parts(const Timings& timings) {
  std::string text;
  const auto add = [&](std::optional<Micros> duration, std::string_view where) {
    if (duration.value_or(Micros{0}) == Micros{0}) return;
    text += fmt::format("{} {:.3f} {}", text.empty() ? "; in ms:" : ",",
                        static_cast<double>(duration->count()) / 1e3, where);
  };
  for (const Phase phase : kPhases) {
    const std::optional<Span>& span = timings.span(phase);
    if (!span) continue;
    add(timings.other_before(phase), fmt::format("before {}", to_string(phase)));
    add(span->own, fmt::format("within {}", to_string(phase)));
  }
  add(timings.other_after(), "at the end");
  return text;
}

class PhaseBars {
 public:
  PhaseBars(const Timings& timings, const TextStyle& style)
      : timings_(timings),
        style_(style),
        glyphs_(style.unicode ? kBlocks : kAscii),
        columns_(style.width - kBarAt) {}

  std::string render() {
    text_ = fmt::format("{}0{:>{}}\n", std::string(kBarAt, ' '), millis_text(timings_.total()),
                        columns_ - 1);
    for (const Phase phase : kPhases) {
      const std::optional<Span>& span = timings_.span(phase);
      const Colour colour = kPhaseColours.at(static_cast<std::size_t>(phase));
      row(fmt::format("{}{}", to_string(phase), is_unstamped(span) ? " ~" : ""),
          timings_.duration(phase),
          span ? bar_of(colour, glyphs_.full, span->begin, span->end) : "");
    }
    row("other", timings_.other(), gaps());
    row("TTFB", timings_.ttfb(), timings_.ttfb() ? ruler(*timings_.ttfb()) : "");
    row("total", timings_.total(), ruler(timings_.total()));
    note("other is this agent's own time, not the network's" + other_parts(timings_));
    if (std::ranges::any_of(kPhases,
                            [&](Phase phase) { return is_unstamped(timings_.span(phase)); })) {
      note("~ by the agent's own clock: the kernel had no stamp for it");
    }
    return std::move(text_);
  }

 private:
  // The first and one past the last column of a stretch of time; at least one, else a short phase
  // would not be seen.
  std::pair<std::size_t, std::size_t> cells(Micros begin, Micros end) const {
    const auto column = [&](Micros at) {
      return static_cast<double>(at.count()) * static_cast<double>(columns_) /
             static_cast<double>(timings_.total().count());
    };
    const std::size_t first = std::min(static_cast<std::size_t>(column(begin)), columns_ - 1);
    const auto last = static_cast<std::size_t>(std::lround(column(end)));
    return {first, std::clamp(last, first + 1, columns_)};
  }

  void note(std::string_view what) {
    std::string lines = wrapped(what, 2, style_.width);
    lines.pop_back();
    text_ += painted(style_, Colour::kGrey, lines) + "\n";
  }

  void row(std::string_view label, std::optional<Micros> duration, std::string_view bar) {
    text_ += fmt::format("  {:<{}}{:>{}}", label, kLabel, millis_text(duration), kNumber);
    if (!bar.empty()) text_ += fmt::format("   {}", bar);
    text_ += '\n';
  }

  std::string bar_of(Colour colour, std::string_view glyph, Micros begin, Micros end) const {
    const auto [first, last] = cells(begin, end);
    return std::string(first, ' ') + painted(style_, colour, repeated(glyph, last - first));
  }

  // From the start to `end`.
  std::string ruler(Micros end) const {
    const std::size_t last = cells(Micros{0}, end).second;
    if (last < 2) return std::string(glyphs_.right);
    return fmt::format("{}{}{}", glyphs_.left, repeated(glyphs_.line, last - 2), glyphs_.right);
  }

  // What no phase covers; stretches of less than half a column would look like more than they are.
  std::string gaps() const {
    std::vector<bool> own(columns_, false);
    const Micros half = timings_.total() / (2 * static_cast<std::int64_t>(columns_));
    const auto mark = [&](Micros begin, Micros end) {
      if (end - begin <= half) return;
      const auto [first, last] = cells(begin, end);
      for (std::size_t at = first; at < last; ++at) own[at] = true;
    };
    Micros at{0};
    for (const Phase phase : kPhases) {
      const std::optional<Span>& span = timings_.span(phase);
      if (!span) continue;
      mark(at, span->begin);
      at = span->end;
    }
    mark(at, timings_.total());
    std::string bar;
    for (const bool is_own : own) bar += is_own ? glyphs_.light : " ";
    bar.resize(bar.find_last_not_of(' ') + 1);
    return painted(style_, Colour::kGrey, bar);
  }

  const Timings& timings_;
  const TextStyle& style_;
  const Glyphs& glyphs_;
  const std::size_t columns_;  // of the time axis
  std::string text_;
};

}  // namespace

std::string phase_bars(const Timings& timings, const TextStyle& style) {
  const bool any =
      std::ranges::any_of(kPhases, [&](Phase phase) { return timings.span(phase).has_value(); });
  return any ? PhaseBars(timings, style).render() : "";
}

}  // namespace firstbyte::agent
