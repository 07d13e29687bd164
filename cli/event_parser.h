// Server-sent events from bytes as they come, in pieces of any size.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace firstbyte::cli {

struct Event {
  std::string id;    // the last one that was told, as the standard has it
  std::string name;  // "message" when none was told
  std::string data;
  bool operator==(const Event&) const = default;
};

class EventParser {
 public:
  static constexpr std::size_t kMostBytes = 64 * 1024 * 1024;

  explicit EventParser(std::size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  // The events that these bytes complete. The Error, which is for good, says that an event is
  // larger than `most_bytes`.
  Expected<std::vector<Event>> feed(std::string_view bytes);

 private:
  void end_line(std::vector<Event>& events);

  const std::size_t most_bytes_;
  std::string line_;
  bool first_line_ = true;
  bool after_return_ = false;  // "\r\n" is one line end
  std::string id_;
  std::string name_;
  std::string data_;
};

}  // namespace firstbyte::cli
