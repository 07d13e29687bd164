// What is asked of the wires while they run, and what is answered: one line of JSON each.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "lab/wire/wire.h"

namespace firstbyte::wire {

// {"set": {"wire": NAME, …}} or {"stats": {}}. The answer ends in a newline; where it is an error,
// nothing was changed. `missed` is what the kernel dropped before any wire saw it.
std::string answer(std::string_view line, std::deque<Wire>& wires, std::uint64_t missed);
std::string error_answer(std::string_view sentence);

}  // namespace firstbyte::wire
