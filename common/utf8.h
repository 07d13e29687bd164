// Text from outside: whether it is what it should be, and what to make of it if not.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace firstbyte {

// How many bytes the well-formed UTF-8 sequence at the front of `text` has, 0 if there is none.
// `text` is not empty.
std::size_t utf8_length(std::string_view text);

// Well-formed UTF-8 without control characters: fit for a log line, JSON and a page.
bool is_printable_utf8(std::string_view text);

// Bytes made printable UTF-8: what is not well-formed is read as Latin-1, as HTTP once meant it;
// control characters become spaces.
std::string to_utf8(std::string_view bytes);

// The first `most` bytes of a text in UTF-8 at most, cut between two characters.
std::string_view cut_text(std::string_view text, std::size_t most);

}  // namespace firstbyte
