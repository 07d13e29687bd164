// What came from outside, made fit for a terminal: servers choose headers, and with them edges'
// names and messages, and a terminal obeys what it is sent.
#pragma once

#include <string>
#include <string_view>

namespace firstbyte::cli {

// Control characters (C0, DEL, C1), those that turn the direction of writing or break a line, and
// bytes that are not UTF-8 are spelt out: "\x1b", "\u202e". All else is left as it is.
std::string printable(std::string_view bytes);

// The same of serialised JSON, with JSON's own escapes; it means what it meant before.
std::string printable_json(std::string_view json);

}  // namespace firstbyte::cli
