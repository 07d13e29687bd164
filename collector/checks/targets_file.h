// The file of --targets: what is probed on a schedule, as YAML.
//
//   targets:
//     - name: front               # a-z, 0-9, '-', '_' and '.'
//       url: https://www.example.com/
//       interval: 30s             # a whole number and ms, s, m or h: 100ms to 1h
//       cities: [Frankfurt, tokyo]  # cities' names or agents' ids; all when left out
//       timeout_ms: 5000          # and all else that POST /api/v1/tests takes of a target
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "collector/checks/check_plan.h"
#include "common/error.h"

namespace firstbyte::collector {

// A probe has to end before the next of its check begins, so without a `timeout_ms` it may take as
// long as the interval, and ten seconds at most.
inline constexpr std::chrono::seconds kUsualTimeout{10};
// Of the file; and of all targets together, as one message tells an agent of them.
inline constexpr std::size_t kMostFileBytes = 2 * 1024 * 1024;

// Errors are kInvalid and name "--targets"; the sentence begins with the file, the line and the key
// at fault.
Expected<std::vector<ConfiguredTarget>> read_targets(const std::filesystem::path& file);
// `name` is what sentences call the text.
Expected<std::vector<ConfiguredTarget>> parse_targets(const std::string& text,
                                                      std::string_view name);

}  // namespace firstbyte::collector
