#include "common/resident_memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <charconv>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace firstbyte {
namespace {

struct Mapping {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  bool is_clean =
      false;  // of a file, not writable, and (as far as read) never written before either
};

// "7f0c3e000000-7f0c3e021000 r-xp 00000000 fe:00 123  /usr/lib/..."; nothing of other lines.
Mapping parse_mapping(std::string_view line) {
  Mapping mapping;
  const char* const first = std::to_address(line.begin());
  const char* const last = std::to_address(line.end());
  const auto begin = std::from_chars(first, last, mapping.begin, 16);
  if (begin.ec != std::errc{} || begin.ptr == last || *begin.ptr != '-') return {};
  const auto end = std::from_chars(begin.ptr + 1, last, mapping.end, 16);
  const std::string_view rest(end.ptr, static_cast<std::size_t>(last - end.ptr));
  mapping.is_clean =
      rest.starts_with(" r") && rest.size() > 3 && rest[2] == '-' && rest.contains('/');
  return mapping;
}

void release(const Mapping& mapping) {
  if (!mapping.is_clean) return;
  madvise(reinterpret_cast<void*>(mapping.begin),  // NOLINT(performance-no-int-to-ptr)
          mapping.end - mapping.begin, MADV_DONTNEED);
}

}  // namespace

void release_startup_memory() {
  malloc_trim(0);
  std::ifstream maps("/proc/self/smaps");
  Mapping mapping;
  for (std::string line; std::getline(maps, line);) {
    if (const Mapping next = parse_mapping(line); next.end != 0) {
      release(mapping);
      mapping = next;
    } else if ((line.starts_with("Anonymous:") || line.starts_with("Swap:")) &&
               !line.ends_with(" 0 kB")) {
      // Relocated, then made read-only: these pages differ from the file's, wherever they are kept.
      mapping.is_clean = false;
    }
  }
  release(mapping);
}

}  // namespace firstbyte
