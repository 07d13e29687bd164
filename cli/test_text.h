// A test for people: a row a city, while it runs and when it has ended.
#pragma once

#include <cstddef>
#include <string>

#include "cli/views.h"
#include "common/text_style.h"

namespace firstbyte::cli {

// Cities that answered by their TTFB, then those that failed, those without data, those under way.
// Below the table a line for each that did not answer, which says why. Times are milliseconds.
std::string test_table(const TestView& test, const TextStyle& style);

// "34.0", "231", or "-" for what did not happen.
std::string ms_text(const std::optional<Micros>& time);

// The table in place of the one before it, as long as it changes.
class LiveTable {
 public:
  // `lines` are those of the terminal: a higher table could not be overwritten and is cut.
  LiveTable(const TextStyle& style, std::size_t lines) : style_(style), lines_(lines) {}

  // What to print for the test as it stands now.
  std::string redrawn(const TestView& test);
  // What to print so that nothing is left of it.
  std::string erased();

 private:
  const TextStyle style_;
  const std::size_t lines_;
  std::size_t drawn_ = 0;
};

}  // namespace firstbyte::cli
