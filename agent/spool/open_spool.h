// A spool to work with, whatever lies in its place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "agent/spool/spool_file.h"

namespace firstbyte::agent {

// Of the spools that were put aside; each is as large as a spool may be. A disk that spoils one
// after the other does not fill itself with them.
inline constexpr std::size_t kKeptAside = 3;

// Opens the spool, or makes one if there is none. What is there but cannot be used (broken, cut
// short, of another version, not a spool) is replaced. The Error is kTransient: nothing can be
// opened or written there at present.
Expected<std::unique_ptr<SpoolFile>> open_spool(const std::filesystem::path& file,
                                                SpoolFile::Bounds bounds, WallTime now);
// Puts what is there aside under a name with the time, removes those put aside before but for the
// newest, and logs `why`. The new spool begins with a gap of the results that are lost with it:
// `lost` where that is known, else those that can be counted, of which a few may have been
// acknowledged within the last second.
Expected<std::unique_ptr<SpoolFile>> replace_spool(const std::filesystem::path& file,
                                                   SpoolFile::Bounds bounds, WallTime now,
                                                   std::string_view why,
                                                   std::optional<std::uint64_t> lost = {});

}  // namespace firstbyte::agent
