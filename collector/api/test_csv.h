// A test as a table for spreadsheets and scripts: RFC 4180, UTF-8, lines that end in CRLF, the
// first of them the columns' names. Numbers are those of the API's JSON, with the same names and
// units.
#pragma once

#include <string>

#include "collector/store/store.h"
#include "common/edge.h"

namespace firstbyte::collector {

// GET /tests/{id}.csv: a row a city, or where several samples were asked for a row each. What did
// not happen is an empty cell. Left out are headers, redirects (they are counted) and what came
// when the deadline was past. Text from outside that a spreadsheet would calculate has a ' before
// it; numbers have none.
std::string test_csv(const Test& test, const EdgeRules& edges);

// The three bytes before a text by which spreadsheets know that it is UTF-8.
inline constexpr const char* kUtf8Mark = "\xEF\xBB\xBF";

}  // namespace firstbyte::collector
