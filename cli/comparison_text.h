// Two tests side by side, for people.
#pragma once

#include <string>

#include "cli/views.h"
#include "common/text_style.h"

namespace firstbyte::cli {

// What happened between the tests in one sentence, as the page has it: "1 of 14 cities moved: New
// York ny1 -> la1, TTFB 34.0 -> 231 ms; 14 of 14 answered 200".
std::string comparison_sentence(const ComparisonView& comparison, const TextStyle& style);

// The sentence and a row a city, those that moved first; phases as the difference, after less
// before.
std::string comparison_text(const ComparisonView& comparison, const TextStyle& style);

}  // namespace firstbyte::cli
