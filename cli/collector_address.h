// Where a collector and its tests are, as people write it.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"

namespace firstbyte::cli {

// "https://probes.example.net", with a path if it has one, never a '/' at its end. The Error names
// "--collector".
Expected<std::string> parse_collector(std::string_view text);

// Lower-case letters and digits: fit for a path, and for a terminal.
bool is_test_id(std::string_view text);

// A test by its id alone, or by an address that leads to it.
struct TestReference {
  std::string id;
  std::string collector;  // of the address; empty where there was an id alone
};

// Reads "0k3v9x2m7qf5d", ".../tests/0k3v9x2m7qf5d" and the same below "/api/v1". `what` is what the
// Error names.
Expected<TestReference> parse_test_reference(std::string_view text, const std::string& what);

// The pages to send to people.
std::string test_page(const std::string& collector, const std::string& id);
std::string comparison_page(const std::string& collector, const std::string& before,
                            const std::string& after);

}  // namespace firstbyte::cli
