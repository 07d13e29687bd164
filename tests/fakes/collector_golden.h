// Golden files of the collector's public faces. UPDATE_GOLDEN=1 writes them anew instead of
// comparing.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace firstbyte::fakes {

// Null when it is not set. Nothing in a test sets any, so reading is safe.
inline const char* environment(const char* name) { return std::getenv(name); }

// The folder `tests/golden`, wherever the test is started.
inline std::filesystem::path golden_folder() {
  if (const char* folder = environment("FIRSTBYTE_GOLDEN_DIR")) return folder;
  return std::filesystem::path(__FILE__).parent_path().parent_path() / "golden";
}

inline std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

inline bool updating_golden() { return environment("UPDATE_GOLDEN") != nullptr; }

inline void write_golden(const std::string& name, const std::string& content) {
  const std::filesystem::path file = golden_folder() / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

inline void expect_golden(const std::string& name, const std::string& actual) {
  if (updating_golden()) write_golden(name, actual);
  EXPECT_EQ(actual, read_text(golden_folder() / name)) << "UPDATE_GOLDEN=1 accepts the new text";
}

// JSON as the goldens are written: two blanks a level, or none and on one line when `indent` is
// negative.
inline std::string print_json(const boost::json::value& value, int indent = 0) {
  const bool wide = indent >= 0;
  const int deeper = wide ? indent + 2 : -1;
  const std::string line = wide ? "\n" + std::string(static_cast<std::size_t>(deeper), ' ') : "";
  const std::string last = wide ? "\n" + std::string(static_cast<std::size_t>(indent), ' ') : "";
  if (value.is_double()) return fmt::format("{}", value.get_double());
  if (value.is_object() && !value.get_object().empty()) {
    std::string text;
    for (const auto& [key, member] : value.get_object()) {
      text += fmt::format("{}{}{}:{}{}", text.empty() ? "" : ",", line,
                          boost::json::serialize(boost::json::value(key)), wide ? " " : "",
                          print_json(member, deeper));
    }
    return "{" + text + last + "}";
  }
  if (value.is_array() && !value.get_array().empty()) {
    std::string text;
    for (const boost::json::value& entry : value.get_array()) {
      text += fmt::format("{}{}{}", text.empty() ? "" : ",", line, print_json(entry, deeper));
    }
    return "[" + text + last + "]";
  }
  return boost::json::serialize(value);
}

// Compares what the texts mean: neither the order of members nor white space counts.
inline void expect_json_golden(const std::string& name, const std::string& actual) {
  const boost::json::value value = boost::json::parse(actual);
  if (updating_golden()) write_golden(name, print_json(value) + "\n");
  const boost::json::value golden =
      boost::json::parse(read_text(golden_folder() / name), {}, {.max_depth = 32});
  EXPECT_EQ(value, golden) << print_json(value) << "\nUPDATE_GOLDEN=1 accepts the new text";
}

}  // namespace firstbyte::fakes
