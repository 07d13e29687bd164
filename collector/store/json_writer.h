// Writes JSON straight into a text: every result that comes in gets its detail by it, so no tree of
// values is built first. Commas come by themselves; brackets are the caller's to match.
#pragma once

#include <array>
#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>

#include "common/clock.h"

namespace firstbyte::collector {

class JsonWriter {
 public:
  // `out` is empty, and outlives this.
  explicit JsonWriter(std::string& out) : out_(out) {}

  void open_object() { put("{"); }
  void close_object() { out_ += '}'; }
  void open_array() { put("["); }
  void close_array() { out_ += ']'; }

  // Of the member whose value comes next; holds nothing that JSON would escape.
  void name(std::string_view name) {
    put("\"");
    out_ += name;
    out_ += "\":";
  }

  void null() { put("null"); }
  void value(bool truth) { put(truth ? "true" : "false"); }
  void value(std::integral auto number) {
    std::array<char, 20> digits{};  // of any 64 bits, with the sign
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), number);
    put({digits.data(), written.ptr});
  }
  void value(Micros duration) { value(duration.count()); }
  void value(WallTime time) { value(time.time_since_epoch().count()); }
  // Bytes that are no UTF-8 are written as they are.
  void value(std::string_view text);

  template <typename Value>
  void value(const std::optional<Value>& present) {
    if (present) {
      value(*present);
    } else {
      null();
    }
  }
  template <typename Value>
  void member(std::string_view member_name, const Value& member_value) {
    name(member_name);
    value(member_value);
  }

 private:
  // Only what is the first in its place follows one of these: texts and names end in other bytes.
  void put(std::string_view text) {
    const char last = out_.empty() ? '[' : out_.back();
    if (last != '{' && last != '[' && last != ':') out_ += ',';
    out_ += text;
  }

  std::string& out_;
};

}  // namespace firstbyte::collector
