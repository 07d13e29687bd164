// What a fuzzer claims about a parser: a breach ends it like a crash, with the input as reproducer.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace firstbyte::fuzz {

inline void require(bool holds, const char* claim,
                    std::source_location at = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: not so: %s\n", at.file_name(), at.line(), claim);
  std::abort();
}

}  // namespace firstbyte::fuzz
