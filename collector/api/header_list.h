// Reads headers that hold a list: Accept, Accept-Encoding, If-None-Match.
#pragma once

#include <optional>
#include <string_view>

namespace firstbyte::collector {

// Takes what stands before `separator` off the front of `rest`, without the blanks around it.
std::string_view cut(std::string_view& rest, char separator);

// Without regard to case.
bool same_word(std::string_view a, std::string_view b);

// How much the client wants `name`, from 0 (not at all) to 1; absent when the header speaks neither
// of it nor of "*".
std::optional<double> preference(std::string_view accept, std::string_view name);

// A browser that opens an address does; a client that takes anything ("*/*") does not.
bool prefers_html(std::string_view accept);

}  // namespace firstbyte::collector
