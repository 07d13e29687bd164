#include "agent/cli/sample_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace firstbyte::agent {
namespace {

constexpr std::size_t kRowHead = 17;  // marks, number, reuse and status
constexpr std::size_t kColumn = 9;

// Of what a median may be taken: cold and warm answers are not of one kind.
using Kind = std::pair<Family, Reuse>;

Kind kind_of(const Measurement& sample) { return {sample.family, sample.reuse}; }

bool is_overloaded(const Measurement& sample) {
  return sample.self_check && sample.self_check->overloaded;
}

// "-" for what did not happen, "~" before what the agent's own clock says.
std::string number(std::optional<Micros> duration, bool unstamped = false) {
  if (!duration) return "-";
  return fmt::format("{}{:.3f}", unstamped ? "~" : "",
                     static_cast<double>(duration->count()) / 1e3);
}

std::string ttfbs_text(std::vector<Micros> ttfbs) {
  if (ttfbs.empty()) return "-";
  if (ttfbs.size() == 1) return millis_text(ttfbs.front());
  std::ranges::sort(ttfbs);
  // Of an even number the lower one in the middle: a median that was measured.
  return fmt::format("median {} of {}, from {} to {}", millis_text(ttfbs[(ttfbs.size() - 1) / 2]),
                     ttfbs.size(), millis_text(ttfbs.front()), millis_text(ttfbs.back()));
}

class SampleTable {
 public:
  SampleTable(const Measurement& measurement, const TextStyle& style)
      : m_(measurement), style_(style) {}

  std::string render() {
    text_ = "\nsamples, in ms (* is the one above)\n";
    heads();
    // They are measured in turns.
    const std::vector<Family> families = each(&Measurement::family);
    for (const Family family : families) {
      if (families.size() > 1) text_ += fmt::format("  {}\n", to_string(family));
      for (std::size_t at = 0; at < m_.samples.size(); ++at) {
        if (m_.samples[at].family == family) row(at);
      }
    }
    for (const Family family : families) {
      for (const Reuse reuse : each(&Measurement::reuse)) summary({family, reuse});
    }
    if (std::ranges::any_of(m_.samples, is_overloaded)) {
      text_ += "  ! this agent was overloaded\n";
    }
    return std::move(text_);
  }

 private:
  // What there is among the samples, in the order in which it came.
  template <typename Value>
  std::vector<Value> each(Value Measurement::* part) const {
    std::vector<Value> values;
    for (const Measurement& sample : m_.samples) {
      if (std::ranges::find(values, sample.*part) == values.end()) values.push_back(sample.*part);
    }
    return values;
  }

  void heads() {
    text_ += std::string(kRowHead, ' ');
    text_ += fmt::format("{:>{}}", "TTFB", kColumn);
    for (const Phase phase : kPhases) text_ += fmt::format("{:>{}}", to_string(phase), kColumn);
    text_ += fmt::format("{:>{}}\n", "other", kColumn);
  }

  bool is_shown(const Measurement& sample) const {
    return sample.measured_at == m_.measured_at && sample.timings == m_.timings &&
           kind_of(sample) == kind_of(m_);
  }

  void row(std::size_t at) {
    const Measurement& sample = m_.samples[at];
    text_ += fmt::format("{}{} {:>2} {:<7} {:>3}", is_shown(sample) ? '*' : ' ',
                         is_overloaded(sample) ? '!' : ' ', at + 1, to_string(sample.reuse),
                         sample.status ? std::to_string(*sample.status) : "-");
    if (sample.failure) {
      text_ += "  " + painted(style_, Colour::kRed, failure_text(*sample.failure));
    } else {
      numbers(sample.timings);
    }
    text_ += '\n';
  }

  void numbers(const Timings& timings) {
    text_ += fmt::format("{:>{}}", number(timings.ttfb()), kColumn);
    for (const Phase phase : kPhases) {
      const std::optional<Span>& span = timings.span(phase);
      text_ += fmt::format(
          "{:>{}}", number(timings.duration(phase), span && span->clock == Span::Clock::kAgent),
          kColumn);
    }
    text_ += fmt::format("{:>{}}", number(timings.other()), kColumn);
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
    if (ttfbs.empty() && failed == 0) return;
    const std::string family =
        kind.first == Family::kAny ? "" : fmt::format("{} ", to_string(kind.first));
    text_ += fmt::format("  {}{}: TTFB {}{}\n", family, to_string(kind.second),
                         ttfbs_text(std::move(ttfbs)),
                         failed == 0 ? "" : fmt::format(", {} failed", failed));
  }

  const Measurement& m_;
  const TextStyle& style_;
  std::string text_;
};

}  // namespace

std::string sample_table(const Measurement& measurement, const TextStyle& style) {
  return measurement.samples.size() < 2 ? "" : SampleTable(measurement, style).render();
}

}  // namespace firstbyte::agent
