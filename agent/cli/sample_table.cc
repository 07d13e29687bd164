#include "agent/cli/sample_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace firstbyte::agent {
namespace {

constexpr std::size_t kRowHead = 17;  // marks, number, reuse and status
constexpr std::size_t kNumber = 9;

// Of what a median may be taken: cold and warm answers are not of one kind.
using Kind = std::pair<Family, Reuse>;

Kind kind_of(const Measurement& sample) { return {sample.family, sample.reuse}; }

// "-" for what did not happen, "~" before what the agent's own clock says.
std::string number(std::optional<Micros> duration, bool unstamped = false) {
  if (!duration) return "-";
  return fmt::format("{}{:.3f}", unstamped ? "~" : "",
                     static_cast<double>(duration->count()) / 1e3);
}

class SampleTable {
 public:
  SampleTable(const Measurement& measurement, const TextStyle& style)
      : m_(measurement), style_(style) {}

  std::string render() {
    text_ = "\nsamples, in ms (* is the one above)\n";
    heads();
    for (const Measurement& sample : m_.samples) row(sample);
    std::vector<Kind> kinds;
    for (const Measurement& sample : m_.samples) {
      if (std::ranges::find(kinds, kind_of(sample)) == kinds.end()) {
        kinds.push_back(kind_of(sample));
      }
    }
    for (const Kind& kind : kinds) summary(kind);
    if (any_overloaded_) text_ += "  ! this agent was overloaded\n";
    return std::move(text_);
  }

 private:
  void heads() {
    text_ += std::string(kRowHead, ' ');
    text_ += fmt::format("{:>{}}", "TTFB", kNumber);
    for (const Phase phase : kPhases) text_ += fmt::format("{:>{}}", to_string(phase), kNumber);
    text_ += fmt::format("{:>{}}\n", "other", kNumber);
  }

  bool is_shown(const Measurement& sample) const {
    return sample.measured_at == m_.measured_at && sample.timings == m_.timings &&
           kind_of(sample) == kind_of(m_);
  }

  void row(const Measurement& sample) {
    if (sample.family != family_) {
      family_ = sample.family;
      if (family_ != m_.samples.front().family || has_families()) {
        text_ += fmt::format("  {}\n", to_string(*family_));
      }
    }
    ++row_;
    const bool overloaded = sample.self_check.overloaded;
    any_overloaded_ = any_overloaded_ || overloaded;
    const std::string head = fmt::format("{}{} {:>2} {:<7} {:>3}", is_shown(sample) ? '*' : ' ',
                                         overloaded ? '!' : ' ', row_, to_string(sample.reuse),
                                         sample.status ? std::to_string(*sample.status) : "-");
    text_ += head;
    if (sample.failure) {
      text_ += "  " + painted(style_, Colour::kRed, failure_text(*sample.failure));
    } else {
      numbers(sample.timings);
    }
    text_ += '\n';
  }

  void numbers(const Timings& timings) {
    text_ += fmt::format("{:>{}}", number(timings.ttfb()), kNumber);
    for (const Phase phase : kPhases) {
      const std::optional<Span>& span = timings.span(phase);
      text_ += fmt::format(
          "{:>{}}", number(timings.duration(phase), span && span->clock == Span::Clock::kAgent),
          kNumber);
    }
    text_ += fmt::format("{:>{}}", number(timings.other()), kNumber);
  }

  bool has_families() const {
    return std::ranges::any_of(m_.samples, [&](const Measurement& sample) {
      return sample.family != m_.samples.front().family;
    });
  }

  void summary(const Kind& kind) {
    std::vector<Micros> ttfbs;
    std::size_t failed = 0;
    for (const Measurement& sample : m_.samples) {
      if (kind_of(sample) != kind) continue;
      if (sample.failure) {
        ++failed;
      } else if (const auto ttfb = sample.timings.ttfb()) {
        ttfbs.push_back(*ttfb);
      }
    }
    std::ranges::sort(ttfbs);
    const std::string family =
        kind.first == Family::kAny ? "" : fmt::format("{} ", to_string(kind.first));
    text_ += fmt::format("  {}{}: TTFB ", family, to_string(kind.second));
    if (ttfbs.size() > 1) {
      // Of an even number the lower one in the middle: a median that was measured.
      text_ +=
          fmt::format("median {}, {} to {}, {} samples", millis_text(ttfbs[(ttfbs.size() - 1) / 2]),
                      millis_text(ttfbs.front()), millis_text(ttfbs.back()), ttfbs.size());
    } else {
      text_ += millis_text(ttfbs.empty() ? std::nullopt : std::optional(ttfbs.front()));
    }
    text_ += failed == 0 ? "\n" : fmt::format(", {} failed\n", failed);
  }

  const Measurement& m_;
  const TextStyle& style_;
  std::optional<Family> family_;  // of the row before
  std::size_t row_ = 0;
  bool any_overloaded_ = false;
  std::string text_;
};

}  // namespace

std::string sample_table(const Measurement& measurement, const TextStyle& style) {
  return measurement.samples.size() < 2 ? "" : SampleTable(measurement, style).render();
}

}  // namespace firstbyte::agent
