#include "cli/event_parser.h"

#include <fmt/format.h>

#include <utility>

namespace firstbyte::cli {

Expected<std::vector<Event>> EventParser::feed(std::string_view bytes) {
  std::vector<Event> events;
  while (!bytes.empty()) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > most_bytes_) {
      return fatal(fmt::format("an event of the collector's has more than {} bytes", most_bytes_));
    }
    if (end == std::string_view::npos) break;
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    end_line(events);
  }
  return events;
}

void EventParser::end_line(std::vector<Event>& events) {
  std::string_view line = line_;
  if (std::exchange(first_line_, false) && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
  if (line.empty()) {
    if (!data_.empty()) {
      data_.pop_back();  // the line end behind the last line of the data
      events.push_back({id_, name_.empty() ? "message" : name_, std::move(data_)});
    }
    data_.clear();
    name_.clear();
  } else {
    const std::size_t colon = line.find(':');
    const std::string_view field = line.substr(0, colon);
    std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
      data_.append(value) += '\n';
    } else if (field == "event") {
      name_ = value;
    } else if (field == "id" && !value.contains('\0')) {
      id_ = value;
    }
  }
  line_.clear();
}

}  // namespace firstbyte::cli
